package web_test

import (
	"context"
	"os"
	"os/signal"
	"testing"

	"muster/pipeline/command"
)

// TestMain is muster itself where a test starts it as a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv("MUSTER_UI_TEST") != "command" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(command.Main(ctx, command.Env{Args: os.Args[1:], Stdout: os.Stdout, Stderr: os.Stderr, Lookup: os.LookupEnv,
		Width: 100}))
}
