package io.guardbee.demo;

import io.guardbee.agent.mqtt.MqttConnection.Listener;
import io.guardbee.pki.RefusedException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What a client hears: messages, and the end of its connection with the moment it came. */
final class Ears implements Listener {

  private static final long PATIENCE_SECONDS = 10;

  /** The end of a connection. */
  record End(RefusedException why, long nanoTime) {}

  private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
  private final CompletableFuture<End> end = new CompletableFuture<>();

  @Override
  public void received(String topic, byte[] payload) {
    messages.add(topic + " " + new String(payload, StandardCharsets.UTF_8));
  }

  @Override
  public void lost(RefusedException why) {
    end.complete(new End(why, System.nanoTime()));
  }

  void awaitMessage(String expected) throws InterruptedException {
    String heard = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (!expected.equals(heard)) {
      throw new IllegalStateException("expected " + expected + ", received " + heard);
    }
  }

  End awaitEnd() throws InterruptedException {
    try {
      return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the connection is still there", e);
    }
  }
}
