package io.guardbee.bench.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Packets as MQTT 5 writes them, octet by octet. */
class PacketsTest {

  private static String hex(byte[] packet) {
    return HexFormat.of().formatHex(packet);
  }

  @Test
  void connectAsksForACleanSessionWithoutKeepAlive() { // §3.1
    assertThat(hex(Packets.connect("d-1"))).isEqualTo("101000044d5154540502000000" + "0003642d31");
  }

  @Test
  void publishCarriesTopicIdentifierAndPayload() { // §3.3
    assertThat(hex(Packets.publishAtMostOnce("a/b", new byte[] {7})))
        .isEqualTo("300700" + "03612f620007");
    assertThat(hex(Packets.publishAtLeastOnce("a/b", 9, new byte[] {7})))
        .isEqualTo("320900" + "03612f6200090007");
  }

  @Test
  void lengthsFrom128OnTakeTwoOctets() { // §1.5.5
    assertThat(hex(Packets.publishAtMostOnce("a", new byte[200])))
        .startsWith("30cc01" + "00016100");
  }
}
