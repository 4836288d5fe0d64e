package io.guardbee.agent.mqtt;

import java.util.Arrays;

/** One message to publish. */
public final class Message {

  private final String topic;
  private final byte[] payload;
  private final int qos;

  /**
   * @param qos 0, 1 or 2
   */
  public Message(String topic, byte[] payload, int qos) {
    this.topic = topic;
    this.payload = payload.clone();
    this.qos = qos;
  }

  public String topic() {
    return topic;
  }

  public byte[] payload() {
    return payload.clone();
  }

  public int qos() {
    return qos;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Message message
        && topic.equals(message.topic)
        && qos == message.qos
        && Arrays.equals(payload, message.payload);
  }

  @Override
  public int hashCode() {
    return topic.hashCode() + Arrays.hashCode(payload) + qos;
  }

  @Override
  public String toString() {
    return topic + ", " + payload.length + " octets, QoS " + qos;
  }
}
