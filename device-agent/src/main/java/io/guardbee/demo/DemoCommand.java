package io.guardbee.demo;

import io.guardbee.cli.HomeOption;
import io.guardbee.launch.Endpoints;
import io.guardbee.launch.Guardbee;
import io.guardbee.launch.RunningUp;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code guardbee demo}. */
@Command(
    name = "demo",
    description = {
      "Shows the whole road on real parts: a device makes its key in a PKCS#11 token, enrols,",
      "publishes, is refused another's topic, is revoked, cut off and kept out."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee demo                 against the guardbee up of this home, if one runs;",
      "                                else with one of its own in a temporary home",
      "  guardbee demo --home /srv/bee",
      "",
      "Exit codes: 0 every step went as told, 1 one did not (it says which), 2 misuse."
    })
public final class DemoCommand implements Callable<Integer> {

  private static final int CONNECT_MILLIS = 1000;
  private static final int FAILED = 1;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private HomeOption home = new HomeOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Guardbee here = Guardbee.of(home.directory());
    Transcript transcript = new Transcript(spec.commandLine().getOut());
    if (!isUp(here)) {
      transcript.say("no guardbee up runs on " + here.home() + ": starting one for the demo");
      return inOwnHome(here);
    }
    byte[] suffix = new byte[3];
    new SecureRandom().nextBytes(suffix);
    Road road = new Road(here, transcript, Clock.systemUTC(), HexFormat.of().formatHex(suffix));
    try {
      road.walk();
      return 0;
    } catch (Transcript.Failed e) {
      return FAILED;
    }
  }

  /** SoftHSM reads its home from the environment, so that the other home needs another process. */
  private static int inOwnHome(Guardbee here) throws IOException, InterruptedException {
    try (RunningUp up = here.inTemporaryHome().up()) {
      return up.guardbee().inherit("demo").waitFor();
    }
  }

  private static boolean isUp(Guardbee here) {
    return Endpoints.read(here.home())
        .map(at -> listens(at.https()) && listens(at.mqtts()))
        .orElse(false);
  }

  private static boolean listens(URI address) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address.getHost(), address.getPort()), CONNECT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
