package io.guardbee.service.factory;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.factory.BatchEnrolment.Order;
import io.guardbee.service.factory.FactoryRow.Result;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import tools.jackson.databind.json.JsonMapper;

/**
 * One factory stream: rows are read, enrolled side by side, and answered in order as they are done.
 * Reading waits when too many are under way, so a fast sender cannot fill the memory.
 */
final class BatchStream {

  private static final int UNDER_WAY = 64;

  private final BatchEnrolment enrolment;
  private final ExecutorService workers;
  private final JsonMapper json;
  private final int mostRows;
  private final BlockingQueue<Future<Result>> pending = new ArrayBlockingQueue<>(UNDER_WAY);
  private volatile boolean isStorageFailed;

  BatchStream(BatchEnrolment enrolment, ExecutorService workers, JsonMapper json, int mostRows) {
    this.enrolment = enrolment;
    this.workers = workers;
    this.json = json;
    this.mostRows = mostRows;
  }

  /**
   * Reads to the end of the input and answers every row, also after the input broke off. A row that
   * could not be stored is the last one answered: those after it would fare no better.
   */
  void run(Order order, InputStream in, OutputStream out) throws IOException, InterruptedException {
    Future<?> writer =
        workers.submit(
            () -> {
              write(out);
              return null;
            });
    try {
      read(order, new BoundedLines(in));
    } finally {
      pending.put(END);
      await(writer);
    }
  }

  private static final Future<Result> END =
      java.util.concurrent.CompletableFuture.failedFuture(new IllegalStateException("end"));

  private void read(Order order, BoundedLines lines) throws IOException, InterruptedException {
    int row = 0;
    String line;
    while (!isStorageFailed && (line = lines.next()) != null) {
      int number = ++row;
      String text = line;
      if (number > mostRows) {
        pending.put(workers.submit(() -> Result.refused(number, null, tooMany())));
        return;
      }
      pending.put(workers.submit(() -> enrolment.enrol(number, text, order)));
    }
  }

  /** Goes on taking rows when the caller has gone: those under way are on record all the same. */
  private void write(OutputStream out) throws InterruptedException, IOException {
    IOException broken = null;
    Future<Result> next;
    while ((next = pending.take()) != END) {
      Result result = get(next);
      try {
        if (broken == null && !isStorageFailed) {
          out.write((json.writeValueAsString(result) + "\n").getBytes(StandardCharsets.UTF_8));
          isStorageFailed = Reason.STORAGE_FAILED.toString().equals(result.reason());
          if (pending.isEmpty() || isStorageFailed) {
            out.flush();
          }
        }
      } catch (IOException e) {
        broken = e;
      }
    }
    if (broken != null) {
      throw broken;
    }
    out.flush();
  }

  private static Result get(Future<Result> row) throws InterruptedException {
    try {
      return row.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a row reports its failure as its result", e);
    }
  }

  private static void await(Future<?> writer) throws IOException, InterruptedException {
    try {
      writer.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException broken ? broken : new IOException(e.getCause());
    }
  }

  private RefusedException tooMany() {
    return new RefusedException(
        Reason.REQUEST_TOO_LARGE,
        "the stream has more than " + mostRows + " rows",
        "send the rest in another run; the limit is limits.factoryRows in config.yaml");
  }
}
