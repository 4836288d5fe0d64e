package io.guardbee.broker.status;

import io.guardbee.files.SafeFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last known status on disk: {@code status.base}, a whole status, and {@code
 * status.journal.<number>}, what changed since. An event costs one small write to the journal's
 * end; when journals have grown, another base is written aside and they are deleted. All of it is
 * chained by checksums: altered anywhere it counts as none, and the service is asked for the whole.
 * Only what a power cut tore off the end was never acknowledged, and is cut off. Loading and saving
 * are for one thread at a time.
 */
final class StatusStore implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StatusStore.class);
  private static final int BASE_PER_JOURNAL = 4;

  private final Path folder;
  private final Path base;
  private final Path legacy;
  private final Executor background;
  private final SecureRandom random;
  private final long journalRoom;
  private StatusIndex.@Nullable State saved;
  private @Nullable Journal journal;
  private CompletableFuture<Void> compaction = CompletableFuture.completedFuture(null);

  /**
   * Reads nothing yet.
   *
   * @param background writes whole statuses while changes are saved
   * @param journalRoom octets that journals may take before that is worth while
   */
  StatusStore(Path folder, Executor background, SecureRandom random, long journalRoom) {
    this.folder = folder;
    this.base = folder.resolve("status.base");
    this.legacy = folder.resolve("status.ndjson");
    this.background = background;
    this.random = random;
    this.journalRoom = journalRoom;
  }

  /**
   * What is to be saved.
   *
   * @param state the state that the changes were made to
   * @param event the last event that is in force with them
   */
  record Batch(StatusIndex.State state, List<Change> changes, long event, Instant contact) {
    Batch {
      changes = List.copyOf(changes);
    }
  }

  /** Fills the index from the disk; leaves it as it is when there is no whole status. */
  void load(StatusIndex index) {
    try {
      if (Files.exists(base)) {
        restore(index);
      } else if (Files.exists(legacy)) {
        LegacyFile.read(legacy, index); // replaced by the first that is saved
      } else {
        return;
      }
      LOG.info(
          "status of event {} read from {}: {} certificates blocked, service last heard {}",
          index.event(),
          folder,
          index.size(),
          index.contact());
    } catch (IOException | RuntimeException e) {
      LOG.error(
          "status in {} is damaged and not used: {}; nobody comes in until the service answers",
          folder,
          e.toString());
    }
  }

  private void restore(StatusIndex index) throws IOException {
    BaseFile read = BaseFile.read(base);
    long number = read.journal();
    Journal.Found found = Journal.read(journalFile(number), number);
    Chain begin = read.begin();
    List<Frame> frames = new ArrayList<>();
    while (true) {
      if (!found.begin().equals(begin)) {
        throw new IOException("journal " + number + " goes on from something else");
      }
      frames.addAll(found.frames());
      if (!found.continued()) {
        break;
      }
      begin = found.beforeLast();
      number++;
      found = Journal.read(journalFile(number), number);
    }
    tidy(read.journal(), number);
    journal = Journal.resume(journalFile(number), number, found);
    saved = read.state();
    fill(index, read, frames);
  }

  private static void fill(StatusIndex index, BaseFile base, List<Frame> frames) {
    BlockTable table = base.state().table();
    frames.forEach(frame -> frame.changes().forEach(table::apply));
    Frame end =
        frames.isEmpty()
            ? new Frame(false, base.event(), base.contact(), List.of())
            : frames.get(frames.size() - 1);
    index.heard(end.contact());
    index.replace(base.state(), end.event());
  }

  /**
   * Deletes what a power cut left over. A next journal that nothing was written to may be among it;
   * where something was, this one has lost its end.
   */
  private void tidy(long first, long last) throws IOException {
    for (long other : journals()) {
      if (other > last && !Journal.read(journalFile(other), other).frames().isEmpty()) {
        throw new IOException("journal " + last + " lacks its end");
      }
      if (other < first || other > last) {
        SafeFiles.delete(journalFile(other));
      }
    }
  }

  /** Makes that durable; it is on the disk when this returns, and nothing is half there. */
  void save(Batch batch) throws IOException {
    Journal open = journal;
    if (open == null || !batch.state().equals(saved)) {
      write(batch);
      return;
    }
    try {
      open.append(new Frame(false, batch.event(), batch.contact(), batch.changes()));
      if (open.length() > room() && compaction.isDone()) {
        compact(open, batch);
      }
    } catch (IOException e) {
      replace(null); // what the disk has of it is not known: a new base, next time
      throw e;
    }
  }

  private long room() throws IOException {
    return Math.max(journalRoom, Files.size(base) / BASE_PER_JOURNAL);
  }

  /** Writes the whole. */
  private void write(Batch batch) throws IOException {
    awaitCompaction();
    List<Long> old = journals();
    long number = old.stream().mapToLong(one -> one).max().orElse(0) + 1;
    Chain begin = Chain.random(random);
    Journal next = Journal.create(journalFile(number), number, begin);
    try {
      new BaseFile(batch.state(), batch.event(), batch.contact(), number, begin).write(base);
    } catch (IOException e) {
      next.close();
      throw e;
    }
    replace(next);
    saved = batch.state();
    delete(old);
    if (Files.exists(legacy)) {
      SafeFiles.delete(legacy);
    }
  }

  private void replace(@Nullable Journal next) throws IOException {
    Journal before = journal;
    journal = next;
    if (before != null) {
      before.close();
    }
  }

  /**
   * Begins a journal that goes on from this one, and has the whole written up to there meanwhile.
   */
  private void compact(Journal full, Batch batch) throws IOException {
    List<Long> old = journals();
    long number = full.number() + 1;
    Chain begin = full.chain();
    Journal next = Journal.create(journalFile(number), number, begin);
    try {
      full.append(new Frame(true, batch.event(), batch.contact(), List.of()));
    } catch (IOException e) {
      next.close();
      throw e;
    }
    replace(next);
    BaseFile whole = new BaseFile(batch.state(), batch.event(), batch.contact(), number, begin);
    try {
      compaction = CompletableFuture.runAsync(() -> replaceBase(whole, old), background);
    } catch (RejectedExecutionException e) {
      LOG.debug("the extension stops: status not written as a whole", e);
    }
  }

  private void replaceBase(BaseFile whole, List<Long> old) {
    try {
      whole.write(base);
      delete(old);
      LOG.debug("status of event {} written as a whole", whole.event());
    } catch (IOException e) {
      LOG.error("status not written as a whole, its journal grows: {}", e.toString());
    }
  }

  private void awaitCompaction() {
    try {
      compaction.join();
    } catch (CompletionException e) {
      LOG.error("status not written as a whole", e);
    }
  }

  private void delete(List<Long> numbers) throws IOException {
    for (long number : numbers) {
      SafeFiles.delete(journalFile(number));
    }
  }

  private Path journalFile(long number) {
    return folder.resolve("status.journal." + number);
  }

  /** The numbers of all journals that are there, perhaps left over. */
  private List<Long> journals() throws IOException {
    List<Long> numbers = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (var files = Files.newDirectoryStream(folder, "status.journal.*")) {
        for (Path file : files) {
          String number = file.getFileName().toString().substring("status.journal.".length());
          if (number.matches("[0-9]{1,18}")) {
            numbers.add(Long.parseLong(number));
          }
        }
      }
    }
    return numbers;
  }

  /** What is saved after this fails once. */
  @Override
  public void close() throws IOException {
    Journal open = journal;
    if (open != null) {
      open.close();
    }
  }
}
