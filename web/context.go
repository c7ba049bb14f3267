package web

import (
	"context"

	"github.com/neoagent/neo"
)

type contextKey int

const (
	keyRequestID contextKey = iota
	keyUser
	keyByKey
	keyCaller
)

func withUser(ctx context.Context, u neo.User) context.Context {
	return context.WithValue(ctx, keyUser, u)
}

// userOf returns who makes this request; requireUser has put them there.
func userOf(ctx context.Context) neo.User {
	u, _ := ctx.Value(keyUser).(neo.User)
	return u
}

// withKey marks a request that was made with an API key.
func withKey(ctx context.Context) context.Context { return context.WithValue(ctx, keyByKey, true) }

// usesKey reports whether a request was made with an API key.
func usesKey(ctx context.Context) bool { return ctx.Value(keyByKey) != nil }

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(keyRequestID).(string)
	return id
}
