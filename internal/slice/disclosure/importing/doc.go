// Package importing reads records of the catalogue of disclosed information from files: tables (CSV, XLSX) whose first row names the
// columns, JSON Lines, and an official document (公文) in plain text.
//
//	f, err := importing.Open("records.csv", file, importing.Options{Known: known})
//	for {
//		item, err := f.Next() // io.EOF at the end
//		// item.Problems is empty, or says what is wrong: row, column, rule and remedy
//	}
//
// Text is UTF-8, UTF-16 with a mark, or GB18030, as office programs in China write it. Files are read row by row, so their length does
// not matter; only an XLSX table has to fit into memory. Columns are known by their English keys and by the Chinese names of the
// catalogue fields ([Columns]); an unknown one is an error, because what stands in it would be lost.
//
// Nothing is decided about a record here but its form: whether fields are there, dates are dates, an index number (索引号) has the right
// check character, and the same number does not come twice. What the platform knows (bodies, categories) is asked of [Known].
//
// Texts that went through a careless conversion carry the reading of a character behind it, as in 印發(fā); [Clean] takes it out.
package importing
