package io.guardbee.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** conf/guardbee.yaml. */
class BrokerConfigTests {

  @TempDir Path folder = Path.of("");

  private BrokerConfig read(String text, Properties overrides) throws IOException {
    Files.createDirectories(folder.resolve("conf"));
    Files.writeString(folder.resolve("conf/guardbee.yaml"), text);
    return BrokerConfig.read(folder, overrides);
  }

  private static String example() throws IOException {
    return Files.readString(Path.of("src/main/extension/conf/guardbee.yaml"));
  }

  @Test
  void exampleOfTheZipIsGood() throws IOException {
    BrokerConfig config = read(example(), new Properties());
    assertThat(config.node()).isEqualTo("broker-1");
    assertThat(config.services()).containsExactly(URI.create("https://localhost:8443"));
    assertThat(config.policy()).isEqualTo(folder.resolve("conf/policy.yaml").toAbsolutePath());
    assertThat(config.maxStaleness()).isEqualTo(Duration.ofHours(24));
    assertThat(config.allowStale()).isFalse();
    assertThat(config.tlsKey()).isEmpty();
    assertThat(config.tlsSessions())
        .isEqualTo(new BrokerConfig.TlsSessions(10_000, Duration.ofHours(1)));
    assertThat(config.metrics()).isNull();
  }

  @Test
  void metricsListenWhereTheFileOrAPropertySays() throws IOException {
    Properties overrides = new Properties();
    overrides.setProperty("guardbee.metrics.listen", "[::1]:9399");
    overrides.setProperty("guardbee.tls.session.lifetime", "PT2M");
    String file = example().replace("listen: \"\"", "listen: 127.0.0.1:0");
    assertThat(read(file, new Properties()).metrics()).hasToString("/127.0.0.1:0");
    assertThat(read(file, overrides).metrics()).asString().endsWith(":1]:9399");
    assertThat(read(file, overrides).tlsSessions().lifetime()).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void fileOfAnEarlierVersionMeansAKeyInMemory() throws IOException {
    String earlier = example().replaceAll("(?m)^(tls|metrics):\\n(  .*\\n)+", "");
    assertThat(earlier).doesNotContain("pkcs11").contains("policy:");
    assertThat(read(earlier, new Properties()).tlsKey()).isEmpty();
  }

  @Test
  void systemPropertyStandsAboveTheFile() throws IOException {
    Properties overrides = new Properties();
    overrides.setProperty("guardbee.service", "https://a:1,https://b:2");
    overrides.setProperty("guardbee.trust.issuing", "/x/a.pem,b.pem");
    overrides.setProperty("guardbee.status.whenStale", "allow");
    BrokerConfig config = read(example(), overrides);
    assertThat(config.services()).hasSize(2);
    assertThat(config.issuing())
        .containsExactly(Path.of("/x/a.pem"), folder.resolve("b.pem").toAbsolutePath());
    assertThat(config.allowStale()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "node: broker-1, noode: broker-1, noode",
    "node: broker-1, '', node",
    "https://localhost:8443, http://localhost:8443, http://localhost:8443",
    "PT24H, 24 hours, 24 hours",
    "PT24H, PT-1H, PT-1H",
    "whenStale: refuse, whenStale: maybe, maybe",
    "'key: conf/broker.key', 'kee: conf/broker.key', kee",
    "'key: \"\"', 'key: conf/listener.key', conf/listener.key",
    "cacheSize: 10000, cacheSize: 0, cacheSize",
    "cacheSize: 10000, cacheSize: many, many",
    "lifetime: PT1H, lifetime: PT25H, PT25H",
    "lifetime: PT1H, lifetime: PT0.5S, PT0.5S",
    "lifetime: PT1H, lifespan: PT1H, lifespan",
    "'listen: \"\"', 'listen: 9399', 9399",
    "'listen: \"\"', 'listen: 127.0.0.1:9399/x', 9399/x",
    "'listen: \"\"', 'listen: 127.0.0.1:99999', 99999",
    "'listen: \"\"', 'port: 9399', port",
  })
  void whatDoesNotFitIsRefused(String line, String by, String named) throws IOException {
    String broken = example().replace(line, by);
    assertThatThrownBy(() -> read(broken, new Properties()))
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.line()).contains("guardbee.yaml", named));
  }
}
