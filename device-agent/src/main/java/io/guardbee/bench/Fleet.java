package io.guardbee.bench;

import io.guardbee.agent.enrol.EnrolToken;
import io.guardbee.agent.trust.ServerTrust;
import io.guardbee.launch.Endpoints;
import io.guardbee.launch.Guardbee;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Devices made for a benchmark, granted through the factory's import. */
final class Fleet {

  private Fleet() {}

  /** Devices that are granted and have signed their requests, all before any clock runs. */
  static List<Candidate> candidates(Guardbee guardbee, String prefix, int count)
      throws IOException {
    Path list = guardbee.home().resolve("bench-" + prefix + ".csv");
    Path tokens = guardbee.home().resolve("bench-" + prefix + "-tokens.csv");
    Files.write(
        list,
        Stream.concat(
                Stream.of("deviceId,profile"),
                IntStream.range(0, count).mapToObj(number -> prefix + "-" + number + ",sensor"))
            .toList());
    Guardbee.Result result =
        guardbee.run("factory", "import", list.toString(), "--out", tokens.toString());
    if (result.exitCode() != 0) {
      throw new RefusedException(
          Reason.INTERNAL, "factory import: " + result.complaint(), "run it by hand");
    }
    try (Stream<String> lines = Files.lines(tokens)) {
      return lines.skip(1).toList().parallelStream().map(Fleet::candidate).toList();
    }
  }

  private static Candidate candidate(String line) {
    String[] columns = line.split(",", -1);
    return Candidate.make(new DeviceId(columns[0]), new EnrolToken(columns[1]));
  }

  static ServerTrust trust(Endpoints endpoints) throws IOException {
    return new ServerTrust(Pem.readCertificates(endpoints.trust()).get(0));
  }
}
