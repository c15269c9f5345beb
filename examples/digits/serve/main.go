// Command serve reads handwritten digits for whoever asks over HTTP, with the model that examples/digits has trained.
//
//	CGO_ENABLED=0 go build -o serve ./examples/digits/serve    # one static file; the model is another
//	./serve -model digits-out/model.safetensors
//	curl --data-binary @digit.png http://localhost:8080/predict
//
// At http://localhost:8080/ one draws a digit with the mouse. Ctrl-C ends the program when it has answered what was asked.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/tapegrad/tapegrad/examples/digits/classifier"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second Ctrl-C is the system's
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.SetOutput(stderr)
	path := flags.String("model", "digits-out/model.safetensors", "file of the model, which examples/digits writes")
	address := flags.String("address", "localhost:8080", "host and port to listen at; :8080 for all hosts, port 0 for a free one")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q: the settings are flags, see -help", flags.Arg(0))
	}
	model, err := classifier.Load(*path)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no model yet: run examples/digits first, or say -model: %w", err)
	}
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "listening at http://%s/\n", listener.Addr())
	return serve(ctx, listener, newHandler(model))
}

// serve answers until ctx is done, and then for a moment what was asked before.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	ended := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		ended <- server.Shutdown(grace)
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		stop()
		return err
	}
	return <-ended
}
