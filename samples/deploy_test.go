//go:build unix

package samples_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"go.yaml.in/yaml/v3"

	"muster/pipeline/config"
)

// The project file of the deployment samples is one that muster takes.
func TestTheDeployedProjectIsRight(t *testing.T) {
	p, err := config.Load("deploy/muster.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range p.Missing() {
		if !strings.Contains(m.Message, "/run/credentials/") {
			t.Error(m.Message)
		}
	}
}

// systemd itself finds nothing wrong with the units, and calls the service well protected.
func TestTheUnitsOfSystemd(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not here")
	}
	dir := t.TempDir()
	for _, name := range []string{"muster.service", "muster.timer", "muster-failed@.service"} {
		text, err := os.ReadFile(filepath.Join("deploy/systemd", name))
		if err != nil {
			t.Fatal(err)
		}
		// A program that is there on every machine stands for muster, which is not.
		if err := os.WriteFile(filepath.Join(dir, name),
			[]byte(strings.ReplaceAll(string(text), "/usr/local/bin/muster", "/bin/true")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	service := filepath.Join(dir, "muster.service")
	out, err := exec.Command("systemd-analyze", "verify", service, filepath.Join(dir, "muster.timer"),
		filepath.Join(dir, "muster-failed@muster.service.service")).CombinedOutput()
	if err != nil || strings.Contains(string(out), "muster.") {
		t.Errorf("systemd says: %s, %v", out, err)
	}
	out, err = exec.Command("systemd-analyze", "security", "--offline=true", "--no-pager", service).CombinedOutput()
	level := regexp.MustCompile(`exposure level for muster.service: ([0-9.]+)`).FindSubmatch(out)
	if level == nil {
		t.Skipf("this systemd does not judge units offline: %v", err)
	}
	if exposed, _ := strconv.ParseFloat(string(level[1]), 64); exposed > 2 {
		t.Errorf("the service's exposure is %v of 10", exposed)
	}
	out, err = exec.Command("systemd-analyze", "calendar", "*-*-* 02:30:00 UTC",
		"*-*-* 04:30:00 Europe/Amsterdam").CombinedOutput()
	if err != nil {
		t.Errorf("the timer's moments: %s", out)
	}
}

// What the CronJob says of safety, it says where Kubernetes looks for it.
func TestTheCronJob(t *testing.T) {
	text, err := os.ReadFile("deploy/kubernetes/cronjob.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var job map[string]any
	if err := yaml.Unmarshal(text, &job); err != nil {
		t.Fatal(err)
	}
	at := func(path string) any {
		var value any = job
		for _, key := range strings.Split(path, ".") {
			switch v := value.(type) {
			case map[string]any:
				value = v[key]
			case []any:
				i, _ := strconv.Atoi(key)
				value = v[i]
			}
		}
		return value
	}
	const pod = "spec.jobTemplate.spec.template.spec."
	for path, want := range map[string]any{
		"apiVersion": "batch/v1", "kind": "CronJob", "spec.concurrencyPolicy": "Forbid", "spec.timeZone": "Etc/UTC",
		"spec.jobTemplate.spec.backoffLimit": 0, pod + "restartPolicy": "Never", pod + "securityContext.runAsNonRoot": true,
		pod + "automountServiceAccountToken":                          false,
		pod + "containers.0.securityContext.readOnlyRootFilesystem":   true,
		pod + "containers.0.securityContext.allowPrivilegeEscalation": false,
		pod + "containers.0.securityContext.capabilities.drop.0":      "ALL",
		pod + "containers.0.args.0":                                   "run",
		pod + "containers.0.volumeMounts.2.mountPath":                 "/run/credentials/muster.service",
	} {
		if got := at(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	mounts, _ := at(pod + "containers.0.volumeMounts").([]any)
	volumes, _ := at(pod + "volumes").([]any)
	if len(mounts) != len(volumes) {
		t.Errorf("%d volumes for %d mounts", len(volumes), len(mounts))
	}
}

// The image stands on no other, whose digest would have to be pinned, and holds one static program: that runs in a root
// that holds nothing else but certificates, by nobody's user, and can import. The same files make the same image.
func TestTheProgramRunsFromScratch(t *testing.T) {
	recipe, err := os.ReadFile("deploy/Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	if from := regexp.MustCompile(`(?m)^FROM .*$`).FindAllString(string(recipe), -1); !slices.Equal(from,
		[]string{"FROM scratch"}) {
		t.Errorf("the recipe begins with %q", from)
	}
	script, err := os.ReadFile("deploy/rootfs.sh")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(script), "CGO_ENABLED=0 go build -trimpath -buildvcs=true ") {
		t.Error("the script builds no static program, or one that differs from folder to folder")
	}
	if testing.Short() {
		t.Skip("builds the program")
	}
	if os.Getuid() != 0 {
		t.Skip("only root may change its root")
	}
	root, program := t.TempDir(), filepath.Join(t.TempDir(), "muster")
	// Without the script's -trimpath and -ldflags, which change no byte that runs and cost a build of everything.
	c := exec.Command("go", "build", "-o", program, ".")
	c.Dir, c.Env = "..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	certificates := filepath.Join(t.TempDir(), "some.crt")
	if err := os.WriteFile(certificates, []byte("-----BEGIN CERTIFICATE-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var first []byte
	for range 2 {
		folder := t.TempDir()
		copied := filepath.Join(folder, "samples/deploy")
		if err := os.MkdirAll(copied, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(copied, "rootfs.sh"), script, 0o700); err != nil {
			t.Fatal(err)
		}
		c = exec.Command(filepath.Join(copied, "rootfs.sh"), program)
		c.Env = append(os.Environ(), "SSL_CERT_FILE="+certificates)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		archive := filepath.Join(folder, "muster-rootfs.tar")
		bytes, err := os.ReadFile(archive)
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && string(bytes) != string(first) {
			t.Error("the same files make another image in another folder")
		}
		first = bytes
		if out, err := exec.Command("tar", "-xpf", archive, "-C", root).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v", out, err)
		}
	}
	if err := os.Mkdir(filepath.Join(root, "work"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(root, "work"), 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	for dir := root; len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	project := "version: 1\norg: sandbox\njobs:\n  a: {source: {from: feed-*.csv, stable: 0s}}\n"
	for name, text := range map[string]string{"muster.yaml": project,
		"feed-1.csv": "externalId,name,signedUpAt\n1,Ana,2026-03-01T02:30:00+01:00\n"} {
		if err := os.WriteFile(filepath.Join(root, "work", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"version"}, {"run"}, {"run"}, {"check", "feed-1.csv"}} {
		c := exec.Command("/muster", args...)
		c.Dir, c.Env = "/work", []string{}
		c.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("muster %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// Every command line of the samples is one that muster has.
func TestTheCommandsOfTheSamples(t *testing.T) {
	for _, name := range []string{"deploy/muster.cron", "deploy/systemd/muster.service"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`/usr/local/bin/muster run --log json`).Match(text) {
			t.Errorf("%s does not run muster", name)
		}
	}
}
