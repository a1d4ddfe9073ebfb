// Schoolbel is a chat bot that schools trust with their ICT: the front door.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"schoolbel/config"
)

// version is set when a release is built.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := Main(ctx, os.Args[1:], Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Environ: os.Environ()})
	stop()
	os.Exit(code)
}

// usage is an error of someone who typed the command wrongly; it ends with code 2.
type usage struct{ error }

// Main runs one command and gives the exit code: 0 done, 1 refused with the
// reason on Err, 2 wrong usage.
func Main(ctx context.Context, args []string, std Streams) int {
	root := commands(std)
	root.SetArgs(args)
	root.SetIn(std.In)
	root.SetOut(std.Out)
	root.SetErr(std.Err)
	err := root.ExecuteContext(ctx)
	var wrong usage
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintf(std.Err, "schoolbel: %v\nRun schoolbel --help to see what there is.\n", err)
		return 2
	default:
		fmt.Fprintf(std.Err, "schoolbel: %v\n", err)
		return 1
	}
}

// commands is the whole command line.
func commands(std Streams) *cobra.Command {
	var file, schoolFile string
	load := func() (*config.Config, error) {
		if file == "" {
			file = lookup(std.Environ, "SCHOOLBEL_CONFIG")
		}
		cfg, err := config.Load(file, std.Environ)
		if schoolFile != "" {
			cfg.School = schoolFile
		}
		return cfg, err
	}
	with := func(do func(context.Context, *config.Config, Streams) error) func(*cobra.Command, []string) error {
		return func(cmd *cobra.Command, _ []string) error {
			cfg, err := load()
			if err != nil {
				return err
			}
			return do(cmd.Context(), cfg, std)
		}
	}

	root := &cobra.Command{
		Use:   "schoolbel",
		Short: "A chat bot that schools trust with their ICT",
		Long: "Schoolbel turns chat messages into incidents and changes, tells people what is going on,\n" +
			"and keeps the log. Without a command it starts everything.",
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          none,
		RunE:          with(serve),
	}
	root.PersistentFlags().StringVar(&file, "config", "", "configuration file (or SCHOOLBEL_CONFIG)")
	root.PersistentFlags().StringVar(&schoolFile, "school", "", "school file; without one the built-in school De Linde")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage{err} })

	var online bool
	checkCmd := &cobra.Command{
		Use: "check", Short: "Say what is missing or wrong in the configuration and the school file", Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := load()
			return check(cmd.Context(), cfg, err, online, std)
		},
	}
	checkCmd.Flags().BoolVar(&online, "online", false, "also try each adapter's credentials and scopes")

	var kept bool
	understandCmd := &cobra.Command{
		Use: "understand", Short: "Read messages, one a line, and write what they mean as JSON", Args: none,
		RunE: with(func(ctx context.Context, cfg *config.Config, std Streams) error {
			if kept {
				return writeExamples(ctx, cfg, std)
			}
			return understandLines(ctx, cfg, std)
		}),
	}
	understandCmd.Flags().BoolVar(&kept, "examples", false, "write what agents corrected, in the columns of bot/understand/corpus, and read nothing")

	audit := &cobra.Command{Use: "audit", Short: "Look after the log", Args: none, RunE: needsCommand}
	audit.AddCommand(&cobra.Command{
		Use: "verify", Short: "Check the log's hash chains and say where they break", Args: none, RunE: with(verify),
	})
	var out string
	manifest := &cobra.Command{
		Use: "manifest PLATFORM", Short: "Print what a platform's administrator installs (slack, teams, matrix)",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage{fmt.Errorf("manifest takes one platform, such as: schoolbel manifest slack")}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			cfg, err := load()
			if err != nil {
				return err
			}
			return writeManifest(cfg, args[0], out, std)
		},
	}
	manifest.Flags().StringVar(&out, "out", "", "write it to this file; for teams a name that ends in .zip is the whole app package")
	root.AddCommand(
		&cobra.Command{Use: "serve", Short: "Run everything", Args: none, RunE: with(serve)},
		checkCmd,
		understandCmd,
		&cobra.Command{Use: "migrate", Short: "Bring the database up to date", Args: none, RunE: with(migrate)},
		manifest,
		reportCommand(load, std),
		audit,
		&cobra.Command{Use: "health", Short: "Ask a running schoolbel whether it is ready (for a container's health check)", Args: none, RunE: with(health)},
	)
	return root
}

func none(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage{fmt.Errorf("there is no command %q", args[0])}
	}
	return nil
}

func needsCommand(cmd *cobra.Command, _ []string) error {
	return usage{fmt.Errorf("%s needs a command; see %s --help", cmd.CommandPath(), cmd.CommandPath())}
}

// lookup finds a variable in a list of NAME=value.
func lookup(environ []string, name string) string {
	for _, line := range environ {
		if len(line) > len(name) && line[:len(name)] == name && line[len(name)] == '=' {
			return line[len(name)+1:]
		}
	}
	return ""
}
