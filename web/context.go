package web

import (
	"context"

	"github.com/neoagent/neo"
)

type contextKey int

const (
	keyRequestID contextKey = iota
	keyUser
)

func withUser(ctx context.Context, u neo.User) context.Context {
	return context.WithValue(ctx, keyUser, u)
}

// userOf returns who makes this request; requireUser has put them there.
func userOf(ctx context.Context) neo.User {
	u, _ := ctx.Value(keyUser).(neo.User)
	return u
}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(keyRequestID).(string)
	return id
}
