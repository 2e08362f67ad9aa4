package command

import (
	"runtime/debug"
	"testing"
)

func TestTheVersionIsThatOfTheTag(t *testing.T) {
	for noted, want := range map[string]string{"v1.2.3": "1.2.3", "v1.2.0-rc.1": "1.2.0-rc.1", "(devel)": Version,
		"":                                     Version,
		"v1.2.4-0.20261130120000-abcdefabcdef": Version, "v1.2.3+dirty": Version} {
		if got := released(&debug.BuildInfo{Main: debug.Module{Version: noted}}, true); got != want {
			t.Errorf("%q is version %s, want %s", noted, got, want)
		}
	}
	if got := released(nil, false); got != Version {
		t.Errorf("without notes it is %s", got)
	}
}
