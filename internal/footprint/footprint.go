// Package footprint asks the system how much memory a process has in use. Only Linux tells.
package footprint

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// Peak returns the most memory, in bytes, that a running process has had in use, since it began or since its own ResetPeak. The error says
// that the system does not tell.
func Peak(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if size, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(size), "kB")), 10, 64)
			return 1024 * kilobytes, err
		}
	}
	return 0, errors.New("the system does not say how much memory a process had in use")
}

// ResetPeak gives memory that this process does not need back to the system, and makes what it still has in use its peak.
func ResetPeak() error {
	debug.FreeOSMemory()
	const peak = "5" // as proc(5) has it
	return os.WriteFile("/proc/self/clear_refs", []byte(peak), 0)
}
