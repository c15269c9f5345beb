// Package tfeventstest reads what package tfevents has written, for tests.
package tfeventstest

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
)

// An Event is one scalar of an event file.
type Event struct {
	Tag   string
	Step  uint64
	Value float32
}

// Read returns the scalars of the only event file in a folder, in their order. The error says that there is not exactly one, or which
// byte of it is not what TensorBoard would take.
func Read(folder string) ([]Event, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*tfevents*"))
	if err != nil {
		return nil, err
	}
	if len(paths) != 1 {
		return nil, fmt.Errorf("%s has %d event files, want one", folder, len(paths))
	}
	text, err := os.ReadFile(paths[0])
	if err != nil {
		return nil, err
	}
	var events []Event
	for at := 0; at < len(text); {
		n := int(binary.LittleEndian.Uint64(text[at:]))
		data := text[at+12 : at+12+n]
		if !masked(text[at+8:], text[at:at+8]) || !masked(text[at+12+n:], data) {
			return nil, fmt.Errorf("the checksums of the record at byte %d are wrong", at)
		}
		var step uint64
		for field, value := range fields(data) {
			switch field {
			case 2:
				step = value.number
			case 5:
				for _, value := range fields(value.bytes) {
					events = append(events, scalar(value.bytes, step))
				}
			}
		}
		at += 12 + n + 4
	}
	return events, nil
}

func scalar(message []byte, step uint64) Event {
	e := Event{Step: step}
	for field, value := range fields(message) {
		switch field {
		case 1:
			e.Tag = string(value.bytes)
		case 2:
			e.Value = math.Float32frombits(uint32(value.number))
		}
	}
	return e
}

// masked reports whether a checksum is that of some data.
func masked(sum, data []byte) bool {
	crc := binary.LittleEndian.Uint32(sum) - 0xa282ead8
	return crc<<15|crc>>17 == crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
}

// A value is that of a field: a number, or bytes.
type value struct {
	number uint64
	bytes  []byte
}

// fields calls yield for the fields of a message in their order.
func fields(message []byte) func(yield func(field uint64, v value) bool) {
	return func(yield func(uint64, value) bool) {
		take := func() uint64 {
			v, n := binary.Uvarint(message)
			message = message[n:]
			return v
		}
		for len(message) > 0 {
			key := take()
			var v value
			switch key & 7 {
			case 0:
				v.number = take()
			case 1:
				v.number, message = binary.LittleEndian.Uint64(message), message[8:]
			case 2:
				n := take()
				v.bytes, message = message[:n], message[n:]
			case 5:
				v.number, message = uint64(binary.LittleEndian.Uint32(message)), message[4:]
			}
			if !yield(key>>3, v) {
				return
			}
		}
	}
}
