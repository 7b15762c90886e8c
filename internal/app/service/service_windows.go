package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/eventlog"
	"golang.org/x/sys/windows/svc/mgr"

	"adili/internal/app/option"
)

// patience is how long a service may take to start or to stop.
const patience = time.Minute

// serviceName is the service as the service manager knows it, and
// serviceAccount the account it runs as, which can do nothing else.
const (
	serviceName    = "Adili"
	serviceAccount = `NT SERVICE\` + serviceName
)

// Commands are the commands that this kind of system has besides.
type Commands struct {
	Service serviceCommand `cmd:"" help:"Run Adili as a Windows service."`
}

type serviceCommand struct {
	Install installCommand `cmd:"" help:"Make the service, which starts with Windows, and close its data folder to others."`
	Remove  removeCommand  `cmd:"" help:"Take the service away; the data stay."`
	Start   startCommand   `cmd:"" help:"Start the service."`
	Stop    stopCommand    `cmd:"" help:"Stop the service; requests under way are finished."`
	Run     serviceRun     `cmd:"" hidden:"" help:"Run under the service manager."`
}

type installCommand struct {
	option.Flags `options:"storage"`
}

// Help says what the command does beyond its one line.
func (installCommand) Help() string {
	return `Without --data the data folder is %ProgramData%\Adili. Other options belong in adili.toml there. Needs the rights of an administrator.`
}

// Run makes the service.
func (c installCommand) Run(k *kong.Kong) (err error) {
	r, err := c.Resolve(option.System())
	if err != nil {
		return err
	}
	arguments := []string{"service", "run"}
	data := filepath.Join(os.Getenv("ProgramData"), serviceName)
	for _, setting := range r.Settings {
		switch set := setting.Source.Kind != "default"; {
		case set && setting.Option.Key == "data":
			data = r.Options.Data
		case set && setting.Option.Key == "config":
			arguments = append(arguments, "--config", r.Options.Config)
		}
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	m, err := mgr.Connect()
	if err != nil {
		return administrator(err)
	}
	defer m.Disconnect()
	if err := closeFolder(data); err != nil {
		return fmt.Errorf("close %s to others: %w", data, administrator(err))
	}
	service, err := m.CreateService(serviceName, program, mgr.Config{
		DisplayName: serviceName, Description: "Measures integrity in Customs.", StartType: mgr.StartAutomatic,
		ServiceStartName: serviceAccount,
	}, append(arguments, "--data", data)...)
	if err != nil {
		return fmt.Errorf("make the service: %w", administrator(err))
	}
	defer service.Close()
	again := []mgr.RecoveryAction{{Type: mgr.ServiceRestart, Delay: 5 * time.Second}}
	if err := service.SetRecoveryActions(again, uint32((24 * time.Hour).Seconds())); err != nil {
		return fmt.Errorf("have the service started again after a crash: %w", err)
	}
	if err := eventlog.InstallAsEventCreate(serviceName, eventlog.Error|eventlog.Warning|eventlog.Info); err != nil {
		return fmt.Errorf("register with the event log: %w", err)
	}
	_, err = fmt.Fprintf(k.Stdout, "The service %s is made; its data are in %s. Start it: adili service start\n", serviceName, data)
	return err
}

// administrator says what is missing where the service manager refuses.
func administrator(err error) error {
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		return fmt.Errorf("%w: open the command prompt as administrator", err)
	}
	return err
}

// closeFolder makes a folder that only the system, administrators and the
// service can open, with all that will be in it.
func closeFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	rights, err := windows.SecurityDescriptorFromString("D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;" + serviceSID(serviceName) + ")")
	if err != nil {
		return err
	}
	list, _, err := rights.DACL()
	if err != nil {
		return err
	}
	return windows.SetNamedSecurityInfo(folder, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, list, nil)
}

// open gives the service to f.
func open(f func(*mgr.Service) error) error {
	m, err := mgr.Connect()
	if err != nil {
		return administrator(err)
	}
	defer m.Disconnect()
	service, err := m.OpenService(serviceName)
	if errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST) {
		return fmt.Errorf("there is no service %s; make it with: adili service install", serviceName)
	}
	if err != nil {
		return administrator(err)
	}
	defer service.Close()
	return administrator(f(service))
}

type startCommand struct{}

// Run starts the service.
func (startCommand) Run(ctx context.Context) error {
	return open(func(service *mgr.Service) error {
		if err := service.Start(); err != nil {
			return err
		}
		return await(ctx, service, svc.Running)
	})
}

type stopCommand struct{}

// Run stops the service.
func (stopCommand) Run(ctx context.Context) error {
	return open(func(service *mgr.Service) error { return halt(ctx, service) })
}

// halt stops the service unless it is stopped.
func halt(ctx context.Context, service *mgr.Service) error {
	if _, err := service.Control(svc.Stop); err != nil && !errors.Is(err, windows.ERROR_SERVICE_NOT_ACTIVE) {
		return err
	}
	return await(ctx, service, svc.Stopped)
}

// await waits until the service is in a state.
func await(ctx context.Context, service *mgr.Service, want svc.State) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		status, err := service.Query()
		if err != nil || status.State == want {
			return err
		}
		if want == svc.Running && status.State == svc.Stopped {
			return errors.New("the service stopped at once; the reason is in log.txt in its data folder")
		}
		select {
		case <-ctx.Done():
			return errors.New("the service takes too long; see log.txt in its data folder")
		case <-time.After(200 * time.Millisecond):
		}
	}
}

type removeCommand struct{}

// Run takes the service away.
func (removeCommand) Run(ctx context.Context) error {
	return open(func(service *mgr.Service) error {
		if err := halt(ctx, service); err != nil {
			return err
		}
		return errors.Join(service.Delete(), eventlog.Remove(serviceName))
	})
}

type serviceRun struct {
	Config string
	Data   string
}

// Run serves until the service manager says stop.
func (c serviceRun) Run(program Program) error {
	err := svc.Run(serviceName, handler{c, program})
	if errors.Is(err, windows.ERROR_FAILED_SERVICE_CONTROLLER_CONNECT) {
		return errors.New("this is for the service manager; use adili serve, or adili service start")
	}
	return err
}

// maxLog is how large the log file grows before a new one is begun.
const maxLog = 10 << 20

// openLog opens the file that a service writes to instead of a console. The one
// before it is kept.
func openLog(folder string) (*os.File, error) {
	name := filepath.Join(folder, "log.txt")
	if info, err := os.Stat(name); err == nil && info.Size() > maxLog {
		if err := os.Rename(name, filepath.Join(folder, "log.1.txt")); err != nil {
			return nil, err
		}
	}
	return os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
}

// handler does what the service manager asks for.
type handler struct {
	serviceRun
	program Program
}

// Execute serves, when the service manager calls it.
func (h handler) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (specific bool, code uint32) {
	status <- svc.Status{State: svc.StartPending}
	log, err := openLog(h.Data)
	if err != nil {
		report(err)
		return true, 1
	}
	defer log.Close()
	arguments := []string{"serve", "--data", h.Data}
	if h.Config != "" {
		arguments = append(arguments, "--config", h.Config)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan int, 1)
	go func() { ended <- h.program(ctx, arguments, log, log) }()
	status <- svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	for {
		select {
		case code := <-ended:
			if code != 0 {
				report(fmt.Errorf("Adili stopped with exit code %d; the reason is in %s", code, log.Name()))
			}
			return code != 0, uint32(code)
		case r := <-requests:
			switch r.Cmd {
			case svc.Interrogate:
				status <- r.CurrentStatus
			case svc.Stop, svc.Shutdown:
				status <- svc.Status{State: svc.StopPending}
				cancel()
			}
		}
	}
}

// report writes an error to the event log.
func report(err error) {
	log, openErr := eventlog.Open(serviceName)
	if openErr != nil {
		return // there is nobody to tell
	}
	defer log.Close()
	_ = log.Error(1, err.Error()) // nor here
}
