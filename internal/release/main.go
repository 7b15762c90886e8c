// Release builds what operators download: a static binary for each system with
// its manual, service files and guide in an archive, checksums, a bill of
// materials, and signatures. It is run by "make release".
//
// The same source and the same Go give the same bytes, in whatever folder and
// on whatever day they are built: times are the commit's, paths are trimmed,
// and nothing of the machine is written into a file.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// run does what the first argument names.
func run(ctx context.Context, arguments []string, out io.Writer) error {
	if len(arguments) == 0 {
		return errors.New("say what to do: build, verify or key")
	}
	flags := flag.NewFlagSet("release "+arguments[0], flag.ContinueOnError)
	switch arguments[0] {
	case "build":
		return runBuild(ctx, flags, arguments[1:], out)
	case "verify":
		return runVerify(flags, arguments[1:], out)
	case "key":
		return runKey(flags, arguments[1:], out)
	}
	return fmt.Errorf("%s is none of build, verify, key", arguments[0])
}

func runBuild(ctx context.Context, flags *flag.FlagSet, arguments []string, out io.Writer) error {
	b := builder{progress: out}
	flags.StringVar(&b.source, "source", ".", "folder of the source")
	flags.StringVar(&b.version, "version", "", "version to release, v1.2.3")
	flags.StringVar(&b.out, "out", "", "folder to make; it must not be there")
	flags.StringVar(&b.commit, "commit", "", "commit of the source, where the source is not a Git repository")
	when := flags.Int64("time", 0, "time of that commit, in seconds since 1970")
	targets := flags.String("targets", allTargets, "systems to build for, with commas between them")
	unsigned := flags.Bool("unsigned", false, "make no signatures")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	b.when = time.Unix(*when, 0).UTC()
	if err := b.check(ctx, *targets); err != nil {
		return err
	}
	if *unsigned {
		fmt.Fprintln(out, "UNSIGNED: nobody can tell where this release comes from. It is for trying out only.")
	} else {
		if b.dirty {
			return errors.New("the source differs from its commit: a signed release is made from a commit only (or UNSIGNED=1)")
		}
		key, err := signingKey(os.Getenv)
		if err != nil {
			return err
		}
		b.key = &key
	}
	return b.build(ctx)
}

func runVerify(flags *flag.FlagSet, arguments []string, out io.Writer) error {
	folder := flags.String("dir", "", "folder of the release")
	public := flags.String("key", "", "file of the public key")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *folder == "" || *public == "" {
		return errors.New("name the folder and the public key: make release-verify DIR=… KEY=adili.pub")
	}
	n, err := verify(*folder, *public)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d files are as they were signed with %s.\n", n, *public)
	return err
}

func runKey(flags *flag.FlagSet, arguments []string, out io.Writer) error {
	name := flags.String("out", "", "file of the private key to make")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *name == "" {
		return errors.New("name the file to make: make release-key KEY=…")
	}
	if err := makeKey(*name, os.Getenv); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "The private key is in %[1]s: keep it off this machine and off every repository. The public key is in %[1]s.pub: publish it.\n", *name)
	return err
}
