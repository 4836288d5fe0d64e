package io.guardbee.whole;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.launch.Endpoints;
import io.guardbee.launch.Guardbee;
import io.guardbee.launch.RunningUp;
import io.guardbee.pki.DeviceId;
import org.junit.jupiter.api.Test;

/** Authorities that are replaced between two runs: who had come in before still does. */
class RolloverIT {

  private final Guardbee guardbee = Whole.guardbee().inTemporaryHome();

  @Test
  void devicesOfTheOldAndOfTheNewAuthorityPublish() throws Exception {
    DeviceId old = Whole.device("old");
    DeviceId fresh = Whole.device("fresh");
    RunningUp before = guardbee.up();
    Endpoints at = before.endpoints();
    enrol(old);
    publish(old);
    before.process().destroy();
    before.process().waitFor();

    Whole.done(guardbee.run("ca", "rollover", "issuing"));
    Whole.done(guardbee.run("ca", "rollover", "operations"));

    // where the device remembers it
    try (RunningUp after =
        guardbee.up(
            "--https-port",
            String.valueOf(at.https().getPort()),
            "--http-port",
            "0",
            "--mqtts-port",
            String.valueOf(at.mqtts().getPort()))) {
      assertThat(after.endpoints().mqtts()).isEqualTo(at.mqtts());
      publish(old);
      enrol(fresh);
      publish(fresh);
      Whole.done(guardbee.run("agent", "renew", "--id", old.value()));
      publish(old);
      assertThat(Whole.done(guardbee.run("ca", "show")).out()).contains("issuing (predecessor)");
      // the broker believes the new operations CA, which signs what it follows
      assertThat(Whole.revoke(guardbee, fresh).toString()).contains("\"acknowledged\":true");
      assertThat(Whole.done(guardbee.run("broker", "status", "--json")).out())
          .contains("\"feedRefused\":\"\"");
    }
  }

  private void enrol(DeviceId id) {
    String token = Whole.grant(guardbee, id, "sensor");
    Whole.done(
        guardbee.runWithInput(
            token + "\n", "agent", "enroll", "--id", id.value(), "--token-file", "-"));
  }

  private void publish(DeviceId id) {
    Whole.done(guardbee.run("agent", "publish", "--id", id.value(), "hello"));
  }
}
