// Package tfevents writes the event files that TensorBoard reads: scalars over the steps of a training.
//
// A file is a sequence of records, each a uint64 length, the masked CRC-32C of these eight bytes, the data, and the masked CRC-32C of the data,
// all in little-endian order (TFRecord, https://www.tensorflow.org/tutorials/load_data/tfrecord). The data of a record is a protocol
// buffer of type Event (tensorflow/core/util/event.proto); the first one says which version of the format follows.
package tfevents

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// A Scalar is the value of a curve at one step.
type Scalar struct {
	Tag   string  // the name of the curve
	Value float64 // TensorBoard keeps it as a float32
}

// A Writer writes event files.
type Writer struct{ w io.Writer }

// NewWriter writes the record that begins a file, with the time at which it begins. The error is that of w.
func NewWriter(w io.Writer, at time.Time) (*Writer, error) {
	events := &Writer{w}
	e := appendDouble(nil, eventWallTime, seconds(at))
	e = appendBytes(e, eventFileVersion, []byte("brain.Event:2"))
	return events, events.record(e)
}

// Write adds the scalars of one step, in a single call of the underlying writer, so that TensorBoard can follow while a training goes on. The
// error is that of the underlying writer.
func (w *Writer) Write(at time.Time, step int64, scalars ...Scalar) error {
	var summary []byte
	for _, s := range scalars {
		v := appendBytes(nil, valueTag, []byte(s.Tag))
		v = appendFloat(v, valueSimpleValue, float32(s.Value))
		summary = appendBytes(summary, summaryValue, v)
	}
	e := appendDouble(nil, eventWallTime, seconds(at))
	e = appendVarint(appendKey(e, eventStep, varint), uint64(step))
	return w.record(appendBytes(e, eventSummary, summary))
}

func seconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }

// record writes data with its length and checksums.
func (w *Writer) record(data []byte) error {
	frame := make([]byte, 0, 8+4+len(data)+4)
	frame = binary.LittleEndian.AppendUint64(frame, uint64(len(data)))
	frame = binary.LittleEndian.AppendUint32(frame, maskedCRC(frame))
	frame = append(frame, data...)
	frame = binary.LittleEndian.AppendUint32(frame, maskedCRC(data))
	_, err := w.w.Write(frame)
	return err
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// maskedCRC is rotated and moved, so that the checksum of data that holds its own checksum says something.
func maskedCRC(data []byte) uint32 {
	crc := crc32.Checksum(data, castagnoli)
	return (crc>>15 | crc<<17) + 0xa282ead8
}

// The numbers of the fields that are written, of the messages Event, Summary and Summary.Value.
const (
	eventWallTime    = 1 // double, seconds since 1970
	eventStep        = 2 // int64
	eventFileVersion = 3 // string
	eventSummary     = 5 // Summary
	summaryValue     = 1 // repeated Value
	valueTag         = 1 // string
	valueSimpleValue = 2 // float
)

// The wire types of protocol buffers.
const (
	varint  = 0
	fixed64 = 1
	counted = 2 // bytes, strings and messages
	fixed32 = 5
)

func appendKey(b []byte, field, wire uint64) []byte { return appendVarint(b, field<<3|wire) }

func appendVarint(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }

func appendDouble(b []byte, field uint64, v float64) []byte {
	return binary.LittleEndian.AppendUint64(appendKey(b, field, fixed64), math.Float64bits(v))
}

func appendFloat(b []byte, field uint64, v float32) []byte {
	return binary.LittleEndian.AppendUint32(appendKey(b, field, fixed32), math.Float32bits(v))
}

func appendBytes(b []byte, field uint64, v []byte) []byte {
	b = appendVarint(appendKey(b, field, counted), uint64(len(v)))
	return append(b, v...)
}

// A File is an event file on disk.
type File struct {
	*Writer
	file *os.File
}

// files counts those that this process has made, since TensorBoard tells files of one folder apart by name.
var files atomic.Int64

// Create makes a new event file in a folder, which it makes if it is missing. The error says that the folder or the file cannot be made
// or written.
func Create(folder string) (*File, error) {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	now := time.Now()
	// TensorBoard reads the files of a folder in the order of their names.
	name := fmt.Sprintf("events.out.tfevents.%010d.%s.%d.%d", now.Unix(), filepath.Base(host), os.Getpid(), files.Add(1)-1)
	file, err := os.OpenFile(filepath.Join(folder, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	w, err := NewWriter(file, now)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &File{w, file}, nil
}

// Close closes the file.
func (f *File) Close() error { return f.file.Close() }
