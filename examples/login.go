// Login checks a user's password, read from standard input, through mosaicd: go run login.go USER
//
// Exit status: 0 granted, 1 denied, 3 password change required, 2 the agent could not decide.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
)

type answer struct {
	Result struct {
		Verdict string `json:"verdict"`
	} `json:"result"`
	Error *struct {
		Data struct {
			Kind string `json:"kind"`
		} `json:"data"`
	} `json:"error"`
}

// authenticate makes one call on a connection of its own.
func authenticate(user, password string) (string, error) {
	path := os.Getenv("MOSAICD_SOCKET")
	if path == "" {
		path = "/run/mosaicd/mosaicd.sock"
	}
	agent, err := net.Dial("unix", path)
	if err != nil {
		return "", err
	}
	defer agent.Close()
	request := map[string]any{
		"jsonrpc": "2.0", "id": 1, "method": "password.authenticate",
		"params": map[string]string{"username": user, "password": password},
	}
	if err := json.NewEncoder(agent).Encode(request); err != nil {
		return "", err
	}
	var reply answer
	if err := json.NewDecoder(agent).Decode(&reply); err != nil {
		return "", err
	}
	if reply.Error != nil {
		return "", errors.New(reply.Error.Data.Kind)
	}
	return reply.Result.Verdict, nil
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: login USER")
		os.Exit(64)
	}
	password, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	verdict, err := authenticate(os.Args[1], strings.TrimSuffix(password, "\n"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot tell:", err)
		os.Exit(2)
	}
	fmt.Println(verdict)
	switch verdict {
	case "granted":
		os.Exit(0)
	case "denied":
		os.Exit(1)
	case "password_change_required":
		os.Exit(3)
	}
	os.Exit(2)
}
