// Login checks a user's password through mosaicd: go run login.go USER. The password is asked for, or read from
// standard input.
//
// Exit status: 0 granted, 1 denied, 3 password change required, 5 try again later, 2 the agent could not decide.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"time"
)

// result is what the agent decided.
type result struct {
	Verdict string `json:"verdict"`
	Cause   string `json:"cause"`
	// With it, reset.complete sets the new password. It is worth a password: keep it secret.
	ResetToken string `json:"reset_token"`
}

// agentError says that the agent could not decide, or did not allow the call. Programs go by Kind, the message is for
// people.
type agentError struct {
	Message string `json:"message"`
	Data    struct {
		Kind         string `json:"kind"`
		RetryAfterMS int    `json:"retry_after_ms"`
	} `json:"data"`
}

func (e *agentError) Error() string { return e.Data.Kind + ": " + e.Message }

// isTemporary tells whether the same call may succeed later.
func (e *agentError) isTemporary() bool {
	switch e.Data.Kind {
	case "throttled", "overloaded", "upstream_rate_limited":
		return true
	}
	return false
}

// authenticate makes one call on a connection of its own.
func authenticate(user, password string) (*result, error) {
	const limit = 10 * time.Second
	path := os.Getenv("MOSAICD_SOCKET")
	if path == "" {
		path = "/run/mosaicd/mosaicd.sock"
	}
	agent, err := net.DialTimeout("unix", path, limit)
	if err != nil {
		return nil, err
	}
	defer agent.Close()
	// The agent answers at its deadline; more time than that is only for an agent that hangs.
	if err := agent.SetDeadline(time.Now().Add(limit + 2*time.Second)); err != nil {
		return nil, err
	}
	request := map[string]any{
		"jsonrpc": "2.0", "id": 1, "method": "password.authenticate",
		"params": map[string]any{
			"username": user, "password": password,
			"meta": map[string]any{"deadline_ms": limit.Milliseconds()},
		},
	}
	// Encode writes the line feed, too.
	if err := json.NewEncoder(agent).Encode(request); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(agent).ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("the agent gave no answer: %w", err)
	}
	var answer struct {
		Result *result     `json:"result"`
		Error  *agentError `json:"error"`
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		return nil, err
	}
	if answer.Error != nil {
		return nil, answer.Error
	}
	if answer.Result == nil {
		return nil, errors.New("the answer has neither result nor error")
	}
	return answer.Result, nil
}

// readPassword reads the password, never from the command line, which every user of the machine can see.
func readPassword() (string, error) {
	if info, err := os.Stdin.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		echo := func(setting string) {
			command := exec.Command("stty", setting)
			command.Stdin = os.Stdin
			_ = command.Run()
		}
		interrupted := make(chan os.Signal, 1)
		signal.Notify(interrupted, os.Interrupt)
		go func() {
			<-interrupted
			echo("echo")
			os.Exit(130)
		}()
		fmt.Fprint(os.Stderr, "Password: ")
		echo("-echo")
		defer func() { echo("echo"); fmt.Fprintln(os.Stderr) }()
	}
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if line == "" && err != nil {
		return "", errors.New("no password on standard input")
	}
	return strings.TrimSuffix(line, "\n"), nil
}

// login returns the exit status.
func login(user string) int {
	password, err := readPassword()
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot tell:", err)
		return 2
	}
	decision, err := authenticate(user, password)
	var refusal *agentError
	switch {
	case errors.As(err, &refusal) && refusal.isTemporary():
		wait := (time.Duration(refusal.Data.RetryAfterMS) * time.Millisecond).Round(time.Second)
		fmt.Fprintf(os.Stderr, "try again in %.0f s: %v\n", wait.Seconds(), refusal)
		return 5
	case err != nil:
		fmt.Fprintln(os.Stderr, "cannot tell:", err)
		return 2
	}
	fmt.Println(decision.Verdict)
	switch decision.Verdict {
	case "granted":
		return 0
	case "denied":
		return 1
	case "password_change_required":
		fmt.Fprintf(os.Stderr, "the password is right but %s: a new one must be chosen\n", decision.Cause)
		return 3
	}
	return 2
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: login USER")
		os.Exit(64)
	}
	os.Exit(login(os.Args[1]))
}
