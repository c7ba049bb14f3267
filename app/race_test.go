//go:build race

package app_test

// underRaceDetector: it keeps several bytes for each byte that is written.
const underRaceDetector = true
