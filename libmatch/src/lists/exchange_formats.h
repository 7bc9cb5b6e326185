// The formats in which organisations exchange lists: one reader a file of this folder, from bytes to records.
//
// Every reader throws LM_ERROR_FORMAT "name: line 7, field MD5: reason" for what it cannot understand, and never
// quotes a code. What is well-formed but of no kind that libmatch has, is counted in the summary.
#pragma once

#include <string>

#include "lists/record.h"
#include "lists/source.h"

namespace libmatch::detail {

// Project VIC and CAID: VICS JSON 1.1 to 2.0, a hash set (value[] of Media) or cases (value[].Media[], or one alone).
// The entry's own id is MediaID, its label the Category.
void read_vics(const list_source &source, const std::string &name, record_sink &sink, list_summary &summary);

// StopNCII: pages of hashRecords. The entry's own id is its hash, its label the hashStatus; the status Withdrawn
// takes it back.
void read_stopncii(const list_source &source, const std::string &name, record_sink &sink, list_summary &summary);

// Tech Against Terrorism: pages of results, or an array of them. The label is the ideology.
void read_tech_against_terrorism(const list_source &source, const std::string &name, record_sink &sink,
                                 list_summary &summary);

// NCMEC's hash sharing, version 2: pages of queryResult. The entry's own id is its member's and its own, "42:image1";
// the label is its classification. deletedImage and deletedVideo take an entry back.
void read_ncmec(const list_source &source, const std::string &name, record_sink &sink, list_summary &summary);

// hashdeep's output. The label is the file's name.
void read_hashdeep(const list_source &source, const std::string &name, record_sink &sink, list_summary &summary);

// Frames of a video as vPDQ writes them: frame, quality, hash, timestamp. Frames of a quality below 50 are
// degenerate. The entry's own id is the frame's number, its label the second of the video.
void read_vpdq(const list_source &source, const std::string &name, record_sink &sink, list_summary &summary);

// NSRL's RDSv3, an SQLite database, by its path: the digests of known files. The label is the file's name.
void read_nsrl(const std::string &path, record_sink &sink, list_summary &summary);

}  // namespace libmatch::detail
