package io.guardbee.broker.status;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A status as it was found on disk: a base and what its journals say since, all of it checked.
 *
 * @param journal the last journal's number
 * @param end that journal, which can be gone on with
 */
record StoredStatus(BaseFile base, List<Frame> frames, long journal, Journal.Found end) {

  StoredStatus {
    frames = List.copyOf(frames);
  }

  /**
   * Reads all of it.
   *
   * @throws IOException when anything was altered or is missing; nothing of it is to be used
   */
  static StoredStatus read(Path base, JournalFiles journals) throws IOException {
    BaseFile read = BaseFile.read(base);
    long number = read.journal();
    Chain begin = read.begin();
    List<Frame> frames = new ArrayList<>();
    Journal.Found found = journals.read(number);
    while (true) {
      if (!found.begin().equals(begin)) {
        throw new IOException("journal " + number + " goes on from something else");
      }
      frames.addAll(found.frames());
      if (!found.continued()) {
        tidy(read.journal(), number, journals);
        return new StoredStatus(read, frames, number, found);
      }
      begin = found.beforeLast();
      number++;
      found = journals.read(number);
    }
  }

  /**
   * Deletes what a power cut left over. A next journal that nothing was written to may be among it;
   * where something was, the last one has lost its end.
   */
  private static void tidy(long first, long last, JournalFiles journals) throws IOException {
    for (long other : journals.numbers()) {
      if (other > last && !journals.read(other).frames().isEmpty()) {
        throw new IOException("journal " + last + " lacks its end");
      }
      if (other < first || other > last) {
        journals.delete(other);
      }
    }
  }

  /** Fills the index. */
  void restore(StatusIndex index) {
    BlockTable table = base.state().table();
    frames.forEach(frame -> frame.changes().forEach(table::apply));
    Frame last = frames.isEmpty() ? null : frames.get(frames.size() - 1);
    Instant contact = last == null ? base.contact() : last.contact();
    index.heard(contact);
    index.replace(base.state(), last == null ? base.event() : last.event());
  }
}
