//go:build !race

package app_test

const underRaceDetector = false
