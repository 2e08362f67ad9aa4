package samples_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// strict reads one object of the Kubernetes API: a key that its type does not have is an error.
func strict[T any](t *testing.T, text string) *T {
	t.Helper()
	object := new(T)
	if err := yaml.UnmarshalStrict([]byte(text), object); err != nil {
		t.Errorf("%v: %s", err, text)
	}
	return object
}

// The files for Kubernetes are one set: every object is as the API's types say, and what the pod mounts is there.
func TestTheSetForKubernetes(t *testing.T) {
	files, err := filepath.Glob("deploy/kubernetes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(err, "no files")
	}
	there := map[string]bool{}
	var config *core.ConfigMap
	var secret *core.Secret
	var job *batch.CronJob
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, document := range strings.Split(string(text), "\n---\n") {
			kind := regexp.MustCompile(`(?m)^kind: (\w+)$`).FindStringSubmatch(document)
			if kind == nil {
				t.Fatalf("%s: an object without a kind", file)
			}
			name := ""
			switch kind[1] {
			case "CronJob":
				job = strict[batch.CronJob](t, document)
				name = job.Name
			case "ConfigMap":
				config = strict[core.ConfigMap](t, document)
				name = config.Name
			case "Secret":
				secret = strict[core.Secret](t, document)
				name = secret.Name
			case "PersistentVolumeClaim":
				claim := strict[core.PersistentVolumeClaim](t, document)
				if name = claim.Name; claim.Spec.Resources.Requests.Storage().IsZero() || len(claim.Spec.AccessModes) != 1 {
					t.Errorf("%s asks for no storage", name)
				}
				if name == "muster-state" && claim.Spec.AccessModes[0] != core.ReadWriteOnce {
					t.Errorf("the state is on a disk of several machines")
				}
			default:
				t.Errorf("%s: a %s is looked at by nobody", file, kind[1])
			}
			there[kind[1]+" "+name] = true
		}
	}
	if config == nil || secret == nil || job == nil {
		t.Fatal("the set is not whole")
	}
	pod := job.Spec.JobTemplate.Spec.Template.Spec
	volumes := map[string]string{}
	for _, v := range pod.Volumes {
		needs := ""
		switch {
		case v.ConfigMap != nil:
			needs = "ConfigMap " + v.ConfigMap.Name
		case v.Secret != nil:
			needs = "Secret " + v.Secret.SecretName
		case v.PersistentVolumeClaim != nil:
			needs = "PersistentVolumeClaim " + v.PersistentVolumeClaim.ClaimName
		}
		if needs != "" && !there[needs] {
			t.Errorf("volume %s needs %s, which is not in the set", v.Name, needs)
		}
		volumes[v.Name] = needs
	}
	for _, m := range pod.Containers[0].VolumeMounts {
		if _, is := volumes[m.Name]; !is {
			t.Errorf("%s is mounted from nowhere", m.Name)
		}
	}
	for _, name := range []string{"muster.yaml", "customers.mapping.yaml"} {
		want, err := os.ReadFile(filepath.Join("deploy", name))
		if err != nil {
			t.Fatal(err)
		}
		if config.Data[name] != string(want) {
			t.Errorf("%s of the ConfigMap is another than that of the folder", name)
		}
		for _, found := range regexp.MustCompile(`/run/credentials/muster.service/(\w+)`).FindAllStringSubmatch(string(want),
			-1) {
			if secret.StringData[found[1]] == "" {
				t.Errorf("%s names the secret %s, which the set has not", name, found[1])
			}
		}
	}
}

// The line for cron is one that cron takes, and prints something, which cron mails, only where a night failed.
func TestTheLineForCron(t *testing.T) {
	text, err := os.ReadFile("deploy/muster.cron")
	if err != nil {
		t.Fatal(err)
	}
	var line string
	for l := range strings.Lines(string(text)) {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "#") && !regexp.MustCompile(`^[A-Z]+=`).MatchString(l) {
			line = l
		}
	}
	fields := strings.SplitN(line, " ", 7)
	if len(fields) != 7 || slices.Contains(fields, "") || fields[5] != "muster" || strings.Contains(line, "%") {
		t.Fatalf("%q is no line of /etc/cron.d", line)
	}
	for i, most := range []string{"[0-5]?[0-9]", "1?[0-9]|2[0-3]", "[*]", "[*]", "[*]"} {
		if !regexp.MustCompile("^(" + most + ")$").MatchString(fields[i]) {
			t.Errorf("field %d of the time is %q", i+1, fields[i])
		}
	}
	if !strings.Contains(string(text), "MAILTO=ops@example.com\n") {
		t.Error("nobody is mailed")
	}
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell is here")
	}
	for code, mailed := range map[string]bool{"0": false, "3": false, "7": false, "5": true, "6": true, "143": true} {
		dir := t.TempDir()
		fake := filepath.Join(dir, "muster")
		if err := os.WriteFile(fake, []byte("#!/bin/sh\necho '{\"msg\":\"job ends\"}'\nexit "+code+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		c := exec.Command("sh", "-c", strings.NewReplacer("/usr/local/bin/muster", fake, "/etc/muster",
			dir).Replace(fields[6]))
		c.Env = append(os.Environ(), "LOG="+filepath.Join(dir, "run.log"))
		out, err := c.CombinedOutput()
		var exit *exec.ExitError
		if (len(out) > 0) != mailed || mailed != strings.Contains(string(out), "exit "+code) || code != "0" &&
			!errors.As(err, &exit) {
			t.Errorf("after exit %s it prints %q, %v", code, out, err)
		}
	}
}
