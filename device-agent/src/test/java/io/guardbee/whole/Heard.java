package io.guardbee.whole;

import io.guardbee.agent.mqtt.MqttConnection.Listener;
import io.guardbee.pki.RefusedException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** What came in on a connection. */
final class Heard implements Listener {

  private final List<String> messages = new CopyOnWriteArrayList<>();
  private final CompletableFuture<RefusedException> end = new CompletableFuture<>();

  @Override
  public void received(String topic, byte[] payload) {
    messages.add(topic + " " + new String(payload, StandardCharsets.UTF_8));
  }

  @Override
  public void lost(RefusedException why) {
    end.complete(why);
  }

  List<String> messages() {
    return messages;
  }

  /** Completes with the reason when the connection ends. */
  CompletableFuture<RefusedException> end() {
    return end;
  }
}
