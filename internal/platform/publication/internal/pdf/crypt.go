package pdf

import (
	"bytes"
	"crypto/aes"
	gocipher "crypto/cipher"
	"crypto/md5" //nolint:gosec // the format prescribes it
	"crypto/rc4" //nolint:gosec // the format prescribes it
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
)

// cipher opens the strings and streams of a file that everybody may read: one that is locked with the empty user password, as files are
// that may be read but not printed or changed.
type cipher struct {
	key     []byte
	aes     bool
	strong  bool // AES-256: the key serves for all objects
	nothing bool // Identity
	plain   int  // number of the object that describes the lock
}

var padding = []byte("\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A")

// unlock prepares the cipher (ISO 32000-2, 7.6). It refuses files that need a password.
func (f *File) unlock() error {
	if f.cipher != nil || f.Trailer["Encrypt"] == nil {
		return nil
	}
	d := f.dict(f.Trailer["Encrypt"])
	if d["Filter"] != Name("Standard") {
		return ErrEncrypted
	}
	v, _ := integer(f.Resolve(d["V"]))
	r, _ := integer(f.Resolve(d["R"]))
	c := &cipher{}
	if ref, ok := f.Trailer["Encrypt"].(Ref); ok {
		c.plain = ref.Number
	}
	bits, ok := integer(f.Resolve(d["Length"]))
	if !ok || bits < 40 || bits > 256 {
		bits = 40
	}
	if v >= 4 {
		filters := f.dict(d["CF"])
		name, _ := f.Resolve(d["StmF"]).(Name)
		switch f.dict(filters[name])["CFM"] {
		case Name("V2"):
			bits = 128
		case Name("AESV2"):
			bits, c.aes = 128, true
		case Name("AESV3"):
			c.aes, c.strong = true, true
		default:
			c.nothing = true
		}
	}
	owner, _ := f.Resolve(d["O"]).(String)
	user, _ := f.Resolve(d["U"]).(String)
	permissions, _ := integer(f.Resolve(d["P"]))
	var id String
	if ids := f.list(f.Trailer["ID"]); len(ids) > 0 {
		id, _ = f.Resolve(ids[0]).(String)
	}
	if c.strong {
		key, err := strongKey(user, f.Resolve(d["UE"]), r)
		if err != nil {
			return err
		}
		c.key = key
	} else {
		meta, isBool := f.Resolve(d["EncryptMetadata"]).(bool)
		c.key = weakKey(owner, permissions, id, r, bits/8, isBool && !meta)
		if !opens(c.key, user, id, r) {
			return ErrEncrypted
		}
	}
	f.cipher = c
	// What was read before the key was known was read wrongly.
	f.objects, f.streams = map[int]Object{}, map[int][]inner{}
	return nil
}

// weakKey is algorithm 2 with the empty password.
func weakKey(owner String, permissions int, id String, r, size int, plainMeta bool) []byte {
	h := md5.New() //nolint:gosec // the format prescribes it
	h.Write(padding)
	h.Write(owner[:min(32, len(owner))])
	p := uint32(permissions)
	h.Write([]byte{byte(p), byte(p >> 8), byte(p >> 16), byte(p >> 24)})
	h.Write(id)
	if r >= 4 && plainMeta {
		h.Write([]byte{0xff, 0xff, 0xff, 0xff})
	}
	key := h.Sum(nil)
	if r < 3 {
		return key[:5]
	}
	size = min(size, 16)
	for range 50 {
		sum := md5.Sum(key[:size]) //nolint:gosec // the format prescribes it
		key = sum[:]
	}
	return key[:size]
}

// opens is algorithm 6: whether the key is that of the file.
func opens(key []byte, user, id String, r int) bool {
	if len(user) < 16 {
		return false
	}
	if r < 3 {
		return bytes.Equal(arc4(key, padding), user[:min(32, len(user))])
	}
	h := md5.New() //nolint:gosec // the format prescribes it
	h.Write(padding)
	h.Write(id)
	out := arc4(key, h.Sum(nil))
	for i := 1; i <= 19; i++ {
		k := bytes.Clone(key)
		for j := range k {
			k[j] ^= byte(i)
		}
		out = arc4(k, out)
	}
	return bytes.Equal(out, user[:16])
}

func arc4(key, data []byte) []byte {
	c, err := rc4.NewCipher(key) //nolint:gosec // the format prescribes it
	if err != nil {
		return data
	}
	out := make([]byte, len(data))
	c.XORKeyStream(out, data)
	return out
}

// strongKey is algorithm 2.A with the empty password.
func strongKey(user String, ue Object, r int) ([]byte, error) {
	packed, _ := ue.(String)
	if len(user) < 48 || len(packed) < 32 {
		return nil, fmt.Errorf("%w: key of the lock", ErrBroken)
	}
	if !bytes.Equal(hash(user[32:40], r), user[:32]) {
		return nil, ErrEncrypted
	}
	block, err := aes.NewCipher(hash(user[40:48], r))
	if err != nil {
		return nil, fmt.Errorf("key of the lock: %w", err)
	}
	key := make([]byte, 32)
	gocipher.NewCBCDecrypter(block, make([]byte, 16)).CryptBlocks(key, packed[:32])
	return key, nil
}

// hash is algorithm 2.B with the empty password.
func hash(salt []byte, r int) []byte {
	sum := sha256.Sum256(salt)
	k := sum[:]
	if r < 6 {
		return k
	}
	for i := 0; ; i++ {
		data := bytes.Repeat(k, 64)
		block, err := aes.NewCipher(k[:16])
		if err != nil {
			return nil
		}
		gocipher.NewCBCEncrypter(block, k[16:32]).CryptBlocks(data, data)
		rest := 0
		for _, b := range data[:16] {
			rest += int(b)
		}
		switch rest % 3 {
		case 0:
			s := sha256.Sum256(data)
			k = s[:]
		case 1:
			s := sha512.Sum384(data)
			k = s[:]
		default:
			s := sha512.Sum512(data)
			k = s[:]
		}
		if i >= 63 && int(data[len(data)-1]) <= i-31 {
			return k[:32]
		}
	}
}

// decrypt opens an object that stands in the file itself.
func (f *File) decrypt(o Object, ref Ref) Object {
	c := f.cipher
	if c == nil || c.nothing || ref.Number == c.plain {
		return o
	}
	return c.open(o, c.objectKey(ref))
}

// objectKey is algorithm 1.
func (c *cipher) objectKey(ref Ref) []byte {
	if c.strong {
		return c.key
	}
	n, g := ref.Number, ref.Generation
	data := append(bytes.Clone(c.key), byte(n), byte(n>>8), byte(n>>16), byte(g), byte(g>>8))
	if c.aes {
		data = append(data, "sAlT"...)
	}
	sum := md5.Sum(data) //nolint:gosec // the format prescribes it
	return sum[:min(16, len(c.key)+5)]
}

func (c *cipher) open(o Object, key []byte) Object {
	switch v := o.(type) {
	case String:
		return String(c.bytes(v, key))
	case Array:
		for i := range v {
			v[i] = c.open(v[i], key)
		}
	case Dict:
		for k := range v {
			v[k] = c.open(v[k], key)
		}
	case *Stream:
		if v.Dict["Type"] == Name("XRef") {
			return v
		}
		c.open(v.Dict, key)
		return &Stream{v.Dict, c.bytes(v.Raw, key)}
	}
	return o
}

func (c *cipher) bytes(data, key []byte) []byte {
	if !c.aes {
		return arc4(key, data)
	}
	if len(data) < 32 || len(data)%16 != 0 {
		data = data[:len(data)/16*16]
		if len(data) < 32 {
			return nil
		}
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil
	}
	out := make([]byte, len(data)-16)
	gocipher.NewCBCDecrypter(block, data[:16]).CryptBlocks(out, data[16:])
	if n := int(out[len(out)-1]); n >= 1 && n <= 16 {
		out = out[:len(out)-n]
	}
	return out
}
