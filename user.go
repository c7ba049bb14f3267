package neo

import "time"

// Role is what a person may do in Neo.
type Role string

// Admin may do everything.
const Admin Role = "ADMIN"

// User is a person who signs in to Neo.
type User struct {
	ID           string
	TenantID     string
	Email        string // lower case
	Name         string
	Role         Role
	PasswordHash string // argon2id, PHC format
	CreatedAt    time.Time
}

// DefaultTenant is the id of the one tenant that an installation has by default.
const DefaultTenant = "00000000-0000-7000-8000-000000000001"
