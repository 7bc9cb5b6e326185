// NSRL's Reference Data Set, version 3: an SQLite database. METADATA holds a row a file; FILE is a view of it, or a
// table in the minimal sets.
#include <sqlite3.h>

#include <array>
#include <memory>
#include <new>
#include <string_view>

#include "core/error.h"
#include "lists/entry_builder.h"
#include "lists/exchange_formats.h"

namespace libmatch::detail {

namespace {

struct database_close {
  void operator()(sqlite3 *database) const noexcept { sqlite3_close_v2(database); }
};
struct statement_finalize {
  void operator()(sqlite3_stmt *statement) const noexcept { sqlite3_finalize(statement); }
};
using database_handle = std::unique_ptr<sqlite3, database_close>;
using statement_handle = std::unique_ptr<sqlite3_stmt, statement_finalize>;

database_handle open_database(const std::string &path) {
  sqlite3 *opened = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  database_handle database(opened);
  if (database == nullptr) {
    throw std::bad_alloc();
  }
  if (result != SQLITE_OK) {
    fail(LM_ERROR_IO, path, ": ", sqlite3_errmsg(opened));
  }
  // What a stranger's database brings along, its views and triggers, may call no function with an effect.
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return database;
}

bool has_table(sqlite3 *database, const std::string &path, const char *table) {
  sqlite3_stmt *prepared = nullptr;
  if (sqlite3_prepare_v2(database, "SELECT 1 FROM sqlite_schema WHERE name = ?1", -1, &prepared, nullptr) !=
      SQLITE_OK) {
    fail(LM_ERROR_FORMAT, path, ": ", sqlite3_errmsg(database));
  }
  const statement_handle statement(prepared);
  sqlite3_bind_text(prepared, 1, table, -1, SQLITE_STATIC);
  return sqlite3_step(prepared) == SQLITE_ROW;
}

class nsrl_rows {
 public:
  nsrl_rows(sqlite3 *database, const std::string &path, const std::string &table)
      : database_(database), path_(path), table_(table) {
    const std::string query = "SELECT sha256, sha1, md5, file_name FROM " + table;
    sqlite3_stmt *prepared = nullptr;
    if (sqlite3_prepare_v2(database, query.c_str(), -1, &prepared, nullptr) != SQLITE_OK) {
      fail(LM_ERROR_FORMAT, path, ": table ", table, ": ", sqlite3_errmsg(database));
    }
    statement_.reset(prepared);
  }

  bool next() {
    const int result = sqlite3_step(statement_.get());
    if (result != SQLITE_ROW && result != SQLITE_DONE) {
      fail(LM_ERROR_FORMAT, path_, ": table ", table_, ", row ", row_ + 1, ": ", sqlite3_errmsg(database_));
    }
    ++row_;
    return result == SQLITE_ROW;
  }

  std::string_view text(int column) const {
    const auto *bytes = reinterpret_cast<const char *>(sqlite3_column_text(statement_.get(), column));
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return bytes == nullptr ? std::string_view() : std::string_view(bytes, static_cast<std::size_t>(size));
  }

  void check(const char *column, const std::string &problem) const {
    if (!problem.empty()) {
      fail(LM_ERROR_FORMAT, path_, ": table ", table_, ", row ", row_, ", field ", column, ": ", problem);
    }
  }

 private:
  sqlite3 *database_;
  const std::string &path_;
  std::string table_;
  statement_handle statement_;
  std::uint64_t row_ = 0;
};

}  // namespace

void read_nsrl(const std::string &path, record_sink &sink, list_summary &summary) {
  const database_handle database = open_database(path);
  const char *table = has_table(database.get(), path, "METADATA") ? "METADATA" : "FILE";
  nsrl_rows rows(database.get(), path, table);
  entry_builder entry(sink, summary);
  struct column {
    const char *name;
    lm_hash hash;
  };
  constexpr std::array<column, 3> columns{{{"sha256", LM_HASH_SHA256}, {"sha1", LM_HASH_SHA1}, {"md5", LM_HASH_MD5}}};
  while (rows.next()) {
    entry.begin();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string_view digits = rows.text(static_cast<int>(i));
      if (!digits.empty()) {
        rows.check(columns[i].name, entry.add_code(*describe(columns[i].hash), digits));
      }
    }
    rows.check("file_name", entry.set_label(rows.text(3)));
    entry.end();
  }
}

}  // namespace libmatch::detail
