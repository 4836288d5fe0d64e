package io.guardbee.broker.status;

import io.guardbee.broker.status.AcknowledgedEnd.Told;
import io.guardbee.files.SafeFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
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
 * What a power cut tore off the end was never acknowledged, and is cut off: {@code
 * status.acknowledged} tells it from an end that is missing, see {@link AcknowledgedFile}. Loading
 * and saving are for one thread at a time.
 */
final class StatusStore implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StatusStore.class);
  private static final int BASE_PER_JOURNAL = 4;

  private final Path folder;
  private final JournalFiles journals;
  private final AcknowledgedFile acknowledged;
  private final Path base;
  private final Path legacy;
  private final Executor background;
  private final SecureRandom random;
  private final long journalRoom;
  private StatusIndex.@Nullable State saved;
  private @Nullable Journal journal;
  private boolean damaged;
  private CompletableFuture<Void> compaction = CompletableFuture.completedFuture(null);

  /**
   * Reads nothing yet.
   *
   * @param background writes whole statuses while changes are saved
   * @param journalRoom octets that journals may take before that is worth while
   */
  StatusStore(Path folder, Executor background, SecureRandom random, long journalRoom) {
    this.folder = folder;
    this.journals = new JournalFiles(folder);
    this.acknowledged = new AcknowledgedFile(folder.resolve("status.acknowledged"));
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
  record Batch(
      StatusIndex.State state, List<Change> changes, long event, Instant contact, Told told) {
    Batch {
      changes = List.copyOf(changes);
    }
  }

  /** Fills the index from the disk; leaves it as it is when there is no whole status. */
  void load(StatusIndex index) {
    try {
      deleteDrafts();
      AcknowledgedEnd end = acknowledged.exists() ? acknowledged.read() : AcknowledgedEnd.NONE;
      index.restore().requireTold(end.told().restore());
      if (Files.exists(base)) {
        restore(index, end);
      } else if (end.journal() > 0) {
        throw new NoSuchFileException(base.toString());
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
      damaged = true;
      LOG.error(
          "status in {} is damaged and not used: {} (last acknowledged: event {}); nobody comes in"
              + " until the service has told the whole status",
          folder,
          cause(e),
          acknowledged.last().sequence() > 0 ? acknowledged.last().event() : "unknown");
    }
  }

  private static String cause(Exception e) {
    return e instanceof NoSuchFileException missing
        ? missing.getFile() + " is missing"
        : Objects.requireNonNullElse(e.getMessage(), e.toString());
  }

  /** Of a base that was being written when the power failed; it may be large. */
  private void deleteDrafts() throws IOException {
    if (Files.isDirectory(folder)) {
      try (var drafts = Files.newDirectoryStream(folder, "status.base.*.new")) {
        for (Path draft : drafts) {
          Files.delete(draft);
        }
      }
    }
  }

  private void restore(StatusIndex index, AcknowledgedEnd end) throws IOException {
    BaseFile whole = BaseFile.read(base);
    if (whole.recorded() && !acknowledged.exists()) {
      throw new NoSuchFileException(folder.resolve("status.acknowledged").toString());
    }
    StoredStatus stored = StoredStatus.read(whole, journals, end);
    if (whole.recorded()) { // else what is saved first replaces what an earlier version wrote
      journal = Journal.resume(journals.file(stored.journal()), stored.journal(), stored.end());
      saved = whole.state();
    }
    stored.restore(index);
  }

  /** The version of the service's policy that had been told; 0 for none. */
  long acknowledgedPolicy() {
    return acknowledged.last().told().policy();
  }

  /**
   * Makes that durable; it is on the disk when this returns, and nothing is half there. From then
   * on it may be acknowledged: should it be missing at a later start, that is noticed.
   */
  void save(Batch batch) throws IOException {
    Journal open = journal;
    if (open == null || !batch.state().equals(saved)) {
      write(batch);
      return;
    }
    try {
      open.append(new Frame(false, batch.event(), batch.contact(), batch.changes()));
      acknowledged.write(batch.event(), open.number(), open.chain(), batch.told());
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
    long number = journals.after(acknowledged.last().journal());
    Chain begin = Chain.random(random);
    Journal next = journals.create(number, begin);
    try {
      if (!damaged) { // else the old base must not be read with a record that asks for nothing
        acknowledged.create();
      }
      baseOf(batch, number, begin).write(base);
      acknowledged.write(batch.event(), number, begin, batch.told());
    } catch (IOException e) {
      next.close();
      throw e;
    }
    replace(next);
    damaged = false;
    saved = batch.state();
    journals.deleteBefore(number);
    if (Files.exists(legacy)) {
      SafeFiles.delete(legacy);
    }
  }

  private static BaseFile baseOf(Batch batch, long number, Chain begin) {
    return new BaseFile(batch.state(), batch.event(), batch.contact(), number, begin, true);
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
    long number = full.number() + 1;
    Chain begin = full.chain();
    Journal next = journals.create(number, begin);
    try {
      full.append(new Frame(true, batch.event(), batch.contact(), List.of()));
    } catch (IOException e) {
      next.close();
      throw e;
    }
    replace(next);
    BaseFile whole = baseOf(batch, number, begin);
    try {
      compaction = CompletableFuture.runAsync(() -> replaceBase(whole), background);
    } catch (RejectedExecutionException e) {
      LOG.debug("the extension stops: status not written as a whole", e);
    }
  }

  private void replaceBase(BaseFile whole) {
    try {
      whole.write(base);
      journals.deleteBefore(whole.journal());
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

  /** What is saved after this fails once. */
  @Override
  public void close() throws IOException {
    acknowledged.close();
    Journal open = journal;
    if (open != null) {
      open.close();
    }
  }
}
