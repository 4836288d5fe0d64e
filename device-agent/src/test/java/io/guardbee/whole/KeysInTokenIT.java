package io.guardbee.whole;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.launch.Guardbee;
import io.guardbee.launch.RunningUp;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** An operator's and a broker's key that move into a PKCS#11 token, while both are at work. */
class KeysInTokenIT {

  private final Guardbee guardbee = Whole.guardbee().inTemporaryHome();
  private final Path home = guardbee.home();

  private String uri(String object) {
    return "pkcs11:token=guardbee-ca;object=" + object + "?pin-source=file:" + home + "/hsm/pin";
  }

  private JsonNode broker() {
    String out = Whole.done(guardbee.run("broker", "status", "--json")).out();
    return Whole.JSON.readTree(out).path("brokers").path(0);
  }

  @Test
  void keysStayInTheirTokensAcrossARestartAndARevokedOneIsReplaced() throws Exception {
    RunningUp first = guardbee.up();
    try {
      Whole.done(guardbee.run("operator", "renew", "--key", uri("operator")));
      Whole.done(guardbee.run("broker", "renew", "--key", uri("broker")));
      assertInTokens();
      assertThat(Whole.done(guardbee.run("hsm", "keys", "list")).out())
          .contains("client CN=operator,OU=operator", ",OU=broker");
    } finally {
      first.process().destroy(); // without its home, which goes when it is closed
      first.process().waitFor();
    }
    String operator = Files.readString(home.resolve("operator/operator.pem"));
    RunningUp second = guardbee.up();
    try {
      assertInTokens();
      assertThat(home.resolve("operator/operator.pem")).hasContent(operator);
      Whole.done(guardbee.run("operator", "renew"));
      Whole.done(guardbee.run("broker", "renew"));
      assertInTokens();
      Whole.done(guardbee.run("operator", "revoke", "operator", "--reason", "keyCompromise"));
      assertThat(guardbee.run("device", "list").exitCode()).isEqualTo(1);
    } finally {
      second.process().destroy();
      second.process().waitFor();
    }
    try (RunningUp third = guardbee.up()) {
      assertThat(third.process().isAlive()).isTrue();
      assertThat(home.resolve("operator/operator.key")).exists();
      assertThat(home.resolve("operator/operator.uri")).doesNotExist();
      Whole.done(guardbee.run("device", "list"));
    }
  }

  private void assertInTokens() {
    assertThat(home.resolve("operator/operator.key")).doesNotExist();
    assertThat(home.resolve("operator/operator.p12")).doesNotExist();
    assertThat(home.resolve("broker/conf/broker.key")).doesNotExist();
    Whole.done(guardbee.run("device", "list"));
    Whole.done(guardbee.run("policy", "versions"));
    Awaitility.await().until(() -> broker().path("connected").asBoolean());
  }
}
