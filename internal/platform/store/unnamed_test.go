package store

import "testing"

func TestUnnamed(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT 1":                      "SELECT 1",
		"SELECT n FROM t WHERE id = $1": "SELECT n FROM t WHERE id = ?",
		"INSERT INTO t VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)": "INSERT INTO t VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
		"SELECT $1 FROM t WHERE a = '$2''$3' AND b = $2":                "SELECT ? FROM t WHERE a = '$2''$3' AND b = ?",
		"UPDATE t SET n = $2 WHERE id = $1":                             "UPDATE t SET n = $2 WHERE id = $1", // out of their order
		"SELECT n FROM t WHERE a = $1 OR b = $1":                        "SELECT n FROM t WHERE a = $1 OR b = $1",
		"SELECT n FROM t WHERE a = $1 OR b = $3":                        "SELECT n FROM t WHERE a = $1 OR b = $3",
		"SELECT n FROM t WHERE a = $10":                                 "SELECT n FROM t WHERE a = $10",
		"SELECT n -- it's $1\nFROM t WHERE a = $1":                      "SELECT n -- it's $1\nFROM t WHERE a = $1",
		`SELECT "$1" FROM t WHERE a = $1`:                               `SELECT "$1" FROM t WHERE a = $1`,
		"SELECT n FROM t WHERE a = ? OR b = $1":                         "SELECT n FROM t WHERE a = ? OR b = $1",
	} {
		if got := unnamed(query); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", query, got, want)
		}
	}
}
