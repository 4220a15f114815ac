// Command audit-interop checks an exported log with golang.org/x/mod only: nothing in it was written by the
// people who wrote the log. It prints one line for each thing checked, FAIL lines for what is wrong, and exits 1.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

var failed bool

func fail(format string, args ...any) {
	failed = true
	fmt.Printf("FAIL "+format+"\n", args...)
}

func must(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
		os.Exit(1)
	}
}

// checkpoint opens a signed note and reads its three lines; tlog.ParseTree knows only go.sum's own header.
func checkpoint(path string, verifier note.Verifier) tlog.Tree {
	data, err := os.ReadFile(path)
	must(err, path)
	opened, err := note.Open(data, note.VerifierList(verifier))
	must(err, path)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		must(errors.New("not three lines of this origin"), path)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, path)
	return tlog.Tree{N: size, Hash: hash(lines[2], path)}
}

func hash(line, path string) tlog.Hash {
	raw, err := base64.StdEncoding.Strict().DecodeString(line)
	must(err, path)
	if len(raw) != tlog.HashSize {
		must(errors.New("a hash has the wrong length"), path)
	}
	return tlog.Hash(raw)
}

func hashes(lines []string, path string) []tlog.Hash {
	var list []tlog.Hash
	for _, line := range lines {
		list = append(list, hash(line, path))
	}
	return list
}

// tiles reads tlog-tiles paths: Go's own have the height in front, and call the bundles "data".
type tiles string

func (dir tiles) path(t tlog.Tile) string {
	rest := strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", height))
	return filepath.Join(string(dir), "tile", strings.Replace(rest, "data/", "entries/", 1))
}

func (tiles) Height() int { return height }

func (dir tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, t := range wanted {
		one, err := os.ReadFile(dir.path(t))
		if err != nil {
			return nil, err
		}
		data = append(data, one)
	}
	return data, nil
}

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// entries compares every leaf of every bundle with the tree's hash of it.
func entries(dir tiles, tree tlog.Tree, reader tlog.HashReader) {
	for start := int64(0); start < tree.N; start += 1 << height {
		width := min(1<<height, tree.N-start)
		path := dir.path(tlog.Tile{H: height, L: -1, N: start >> height, W: int(width)})
		data, err := os.ReadFile(path)
		must(err, path)
		var indexes []int64
		for i := range width {
			indexes = append(indexes, tlog.StoredHashIndex(0, start+i))
		}
		want, err := reader.ReadHashes(indexes)
		if err != nil {
			fail("tiles of entries %d to %d: %v", start, start+width-1, err)
			continue
		}
		for i := range width {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				fail("entry %d is cut off", start+i)
				break
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			if tlog.RecordHash(data[2:end]) != want[i] {
				fail("entry %d differs", start+i)
			}
			data = data[end:]
		}
	}
}

// record checks a .tlog-proof for the leaf data in a file beside it.
func record(dir string, tree tlog.Tree) {
	data, err := os.ReadFile(filepath.Join(dir, "entry.tlog-proof"))
	must(err, "entry.tlog-proof")
	leaf, err := os.ReadFile(filepath.Join(dir, "entry.leaf"))
	must(err, "entry.leaf")
	head, _, _ := strings.Cut(string(data), "\n\n")
	lines := strings.Split(head, "\n")
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	must(err, "entry.tlog-proof")
	proof := hashes(lines[2:], "entry.tlog-proof")
	must(tlog.CheckRecord(tlog.RecordProof(proof), tree.N, tree.Hash, index, tlog.RecordHash(leaf)), "inclusion")
	fmt.Printf("inclusion of %d in %d: %d hashes\n", index, tree.N, len(proof))
}

// history checks a consistency proof between an earlier checkpoint and this one.
func history(dir string, verifier note.Verifier, tree tlog.Tree) {
	old := checkpoint(filepath.Join(dir, "earlier"), verifier)
	data, err := os.ReadFile(filepath.Join(dir, "earlier.proof"))
	must(err, "earlier.proof")
	proof := hashes(strings.Split(strings.TrimSuffix(string(data), "\n"), "\n"), "earlier.proof")
	must(tlog.CheckTree(tlog.TreeProof(proof), tree.N, tree.Hash, old.N, old.Hash), "consistency")
	fmt.Printf("consistency of %d with %d: %d hashes\n", old.N, tree.N, len(proof))
}

func main() {
	dir := os.Args[1]
	vkey, err := os.ReadFile(filepath.Join(dir, "vkey"))
	must(err, "vkey")
	verifier, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	must(err, "vkey")
	tree := checkpoint(filepath.Join(dir, "checkpoint"), verifier)
	fmt.Printf("checkpoint of %s: %d entries\n", verifier.Name(), tree.N)
	entries(tiles(dir), tree, tlog.TileHashReader(tree, tiles(dir)))
	record(dir, tree)
	history(dir, verifier, tree)
	if failed {
		os.Exit(1)
	}
	fmt.Printf("all %d entries verified\n", tree.N)
}
