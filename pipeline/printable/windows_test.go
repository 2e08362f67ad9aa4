package printable

import "testing"

func TestAWordOfWindows(t *testing.T) {
	for word, want := range map[string]string{
		`.muster\runs\1\rejects.csv`: `.muster\runs\1\rejects.csv`, `C:\Users\Ana Lu\a.csv`: `"C:\Users\Ana Lu\a.csv"`,
		`a,b`: `"a,b"`, `Kunden Mai\`: `"Kunden Mai\\"`, `5" pipe`: `"5\" pipe"`, `it's`: `"it's"`, ``: `""`,
		`$x`: `'$x'`, `;`: `";"`, `Größe`: `"Größe"`,
	} {
		if got, ok := windowsWord(word); !ok || got != want {
			t.Errorf("%s is %s, want %s", word, got, want)
		}
	}
	if _, ok := windowsWord("a\x1b[31m"); ok {
		t.Error("a sign that cannot be seen is taken")
	}
}
