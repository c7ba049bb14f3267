package rules

import (
	"time"

	"github.com/neoagent/neo"
)

// Replaced by h-rules.

func Next(s neo.Schedule, after time.Time, zone string) (time.Time, error) { return after.Add(time.Minute), nil }
func (c *Compiled) Holds(e *neo.Event) bool                                 { return c.when(e) }
func (c *Compiled) NeedsReply() bool                                        { return false }
