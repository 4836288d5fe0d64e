package io.guardbee.broker.status;

import io.guardbee.files.SafeFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The journals in a folder, by their numbers. */
record JournalFiles(Path folder) {

  private static final String NAME = "status.journal.";

  Path file(long number) {
    return folder.resolve(NAME + number);
  }

  /** The numbers of all that are there, perhaps left over. */
  List<Long> numbers() throws IOException {
    List<Long> numbers = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (var files = Files.newDirectoryStream(folder, NAME + "*")) {
        for (Path file : files) {
          String number = file.getFileName().toString().substring(NAME.length());
          if (number.matches("[0-9]{1,18}")) {
            numbers.add(Long.parseLong(number));
          }
        }
      }
    }
    return numbers;
  }

  /** A number above those of all and above that one. */
  long after(long number) throws IOException {
    return Math.max(number, numbers().stream().mapToLong(one -> one).max().orElse(0)) + 1;
  }

  Journal create(long number, Chain begin) throws IOException {
    return Journal.create(file(number), number, begin);
  }

  Journal.Found read(long number) throws IOException {
    return Journal.read(file(number), number);
  }

  void delete(long number) throws IOException {
    SafeFiles.delete(file(number));
  }

  /** Deletes all from before that one. */
  void deleteBefore(long number) throws IOException {
    for (long other : numbers()) {
      if (other < number) {
        delete(other);
      }
    }
  }
}
