package io.guardbee.broker.status;

import java.io.IOException;
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
   * @param acknowledged what must be in it
   * @throws IOException when anything was altered or is missing; nothing of it is to be used
   */
  static StoredStatus read(BaseFile base, JournalFiles journals, AcknowledgedEnd acknowledged)
      throws IOException {
    long number = base.journal();
    Chain begin = base.begin();
    List<Frame> frames = new ArrayList<>();
    // journals are numbered upwards: a base of a later one was written after that end
    boolean contained = acknowledged.journal() < number;
    while (true) {
      Journal.Found found = journals.read(number);
      if (!found.begin().equals(begin)) {
        throw new IOException("journal " + number + " goes on from something else");
      }
      frames.addAll(found.frames());
      contained |= number == acknowledged.journal() && found.passes(acknowledged.chain());
      if (!found.continued()) {
        StoredStatus stored = new StoredStatus(base, frames, number, found);
        if (!contained) {
          throw stored.lacks(acknowledged);
        }
        tidy(base.journal(), number, journals);
        return stored;
      }
      begin = found.beforeLast();
      number++;
    }
  }

  private IOException lacks(AcknowledgedEnd wanted) {
    return new IOException(
        "event "
            + wanted.event()
            + " in status.journal."
            + wanted.journal()
            + " had been acknowledged, but status.journal."
            + journal
            + " ends with event "
            + event());
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
    index.replace(base.state(), event());
  }

  /** The last event in it. */
  long event() {
    return frames.isEmpty() ? base.event() : frames.get(frames.size() - 1).event();
  }
}
