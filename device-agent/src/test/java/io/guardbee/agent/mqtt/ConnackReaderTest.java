package io.guardbee.agent.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConnackReaderTest {

  private static final String TOLD =
      "certificate-revoked: serial 4F of d-1 is revoked; ask the operator";

  @Test
  void refusalComesWithTheBrokersReason() {
    byte[] packet = connack(0x87, TOLD);
    assertThatThrownBy(() -> new ConnackReader(new ByteArrayInputStream(packet)).readAllBytes())
        .isInstanceOfSatisfying(
            ConnackRefused.class,
            e -> {
              assertThat(e.code()).isEqualTo(0x87);
              assertThat(Refusal.connection("ssl://b:1", e).line()).isEqualTo(TOLD);
            });
  }

  @Test
  void refusalIsSeenWhenItComesOctetByOctet() {
    InputStream in = new ConnackReader(new ByteArrayInputStream(connack(0x87, TOLD)));
    assertThatThrownBy(
            () -> {
              while (in.read() >= 0) {
                assertThat(in).isNotNull();
              }
            })
        .isInstanceOf(ConnackRefused.class);
  }

  @Test
  void refusalWithoutReasonStringIsNamedByItsCode() {
    assertThatThrownBy(
            () -> new ConnackReader(new ByteArrayInputStream(connack(0x85, ""))).readAllBytes())
        .satisfies(
            e -> {
              var refused = Refusal.connection("ssl://b:1", e);
              assertThat(refused.reason()).isEqualTo(Reason.CLIENT_ID_MISMATCH);
              assertThat(refused.detail()).contains("client identifier not valid (0x85)");
            });
  }

  @Test
  void acceptanceAndWhatFollowsPassUnchanged() throws IOException {
    byte[] accepted = connack(0, "");
    byte[] all = new byte[accepted.length + 3];
    System.arraycopy(accepted, 0, all, 0, accepted.length);
    all[accepted.length] = 0x20; // looks like another CONNACK: only the first packet is read
    assertThat(new ConnackReader(new ByteArrayInputStream(all)).readAllBytes()).isEqualTo(all);
  }

  @Test
  void garbageIsLeftToTheClient() throws IOException {
    byte[] garbage = "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    InputStream in = new ConnackReader(new ByteArrayInputStream(garbage));
    assertThat(in.readNBytes(4)).startsWith('H', 'T');
  }

  /** MQTT 5 §3.2: fixed header, flags, code, property length, reason string 0x1F. */
  private static byte[] connack(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    int properties = text.length == 0 ? 0 : text.length + 3;
    byte[] packet = new byte[2 + 3 + properties];
    packet[0] = 0x20;
    packet[1] = (byte) (3 + properties);
    packet[3] = (byte) code;
    packet[4] = (byte) properties;
    if (properties > 0) {
      packet[5] = 0x1f;
      packet[7] = (byte) text.length;
      System.arraycopy(text, 0, packet, 8, text.length);
    }
    return packet;
  }
}
