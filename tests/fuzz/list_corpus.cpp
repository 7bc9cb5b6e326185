// Writes a small list of every format into the folder that it is given.
#include <array>
#include <fstream>
#include <string>

namespace {

const std::string md5 = "900150983cd24fb0d6963f7d28e17f72";
const std::string pdq = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";

struct seed {
  const char *name;
  std::string text;
};

std::string npy() {
  std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 8), }";
  header.resize(118, ' ');
  return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + "01234567";
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 2) {
    return 2;
  }
  const std::array<seed, 9> seeds{{
      {"csv",
       "kind,code,id,label,list_id,time,withdrawn\nmd5," + md5 + ",3,\"a, \"\"b\"\"\",x,2020-01-02T03:04:05Z,1\n"},
      {"semicolons", "code;id\n" + pdq + ";1\n"},
      {"text", "# comment\nmd5 " + md5 + " label\n" + pdq + "\n"},
      {"npy", npy()},
      {"ncmec",
       "<?xml version=\"1.0\"?><queryResult xmlns=\"https://hashsharing.ncmec.org/hashsharing/v2\"><images "
       "count=\"2\" "
       "maxTimestamp=\"2020-01-02T03:04:05Z\"><image><member "
       "id=\"1\">a</member><id>b</id><timestamp>2020-01-02T03:04:05Z"
       "</timestamp><classification>A1</classification><fingerprints><md5>" +
           md5 +
           "</md5></fingerprints></image><deletedImage><member id=\"1\"/><id>c</id></deletedImage></images>"
           "<paging><next>/v2</next></paging></queryResult>"},
      {"vics", "{\"value\":[{\"MediaID\":1,\"Category\":2,\"MD5\":\"" + md5 +
                   "\",\"DateUpdated\":\"/Date(1508857200000)/"
                   "\",\"AlternativeHashes\":[{\"HashName\":\"PDQ\",\"HashValue\":\"" +
                   pdq + "\"}],\"MediaFiles\":[{\"MD5\":\"" + md5 +
                   "\"}]},{\"CaseID\":1,\"Media\":[{\"MediaID\":2}]}]}"},
      {"stopncii",
       "{\"count\":1,\"nextSetTimestamp\":1,\"hasMoreRecords\":false,\"hashRecords\":[{\"lastModtimestamp\":1,"
       "\"signalType\":\"ImagePDQ\",\"hashValue\":\"" +
           pdq + "\",\"hashStatus\":\"Active\"}]}"},
      {"tech_against_terrorism", "{\"checkpoint\":\"1,2\",\"next\":null,\"results\":[{\"hash_digest\":\"" + md5 +
                                     "\",\"algorithm\":\"MD5\",\"deleted\":false,\"updated_on\":1.5,\"id\":7}]}"},
      {"hashdeep", "%%%% HASHDEEP-1.0\n%%%% size,md5,filename\n## a\n3," + md5 + ",/a,b\n"},
  }};
  for (const seed &each : seeds) {
    std::ofstream(std::string(argv[1]) + "/" + each.name, std::ios::binary) << each.text;
  }
  std::ofstream(std::string(argv[1]) + "/vpdq", std::ios::binary) << "0,100," + pdq + ",0.5\n";
  return 0;
}
