package store

import (
	"context"

	"github.com/neoagent/neo"
)

// EndpointNamed is replaced by h-platform.
func (db *DB) EndpointNamed(ctx context.Context, tenant, name string) (neo.Endpoint, error) {
	return neo.Endpoint{}, missing("endpoint")
}
