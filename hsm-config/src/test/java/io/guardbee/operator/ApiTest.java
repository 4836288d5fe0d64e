package io.guardbee.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ApiTest {

  static Stream<Throwable> failures() {
    return Stream.of(
        new EOFException("HttpConnectionOverHTTP@6f2b958e(l:/127.0.0.1:1 <-> r:/127.0.0.1:2)"),
        new IOException("Abruptly closed HttpChannelOverHTTP@5c7fa833(exchange=null)"),
        new IOException(),
        new ConnectException(),
        new TimeoutException());
  }

  @ParameterizedTest
  @MethodSource("failures")
  void lostServiceIsToldInPlainWords(Throwable failure) {
    assertThat(Api.unreachable("https://localhost:8443", failure).line())
        .startsWith("service-unreachable: no answer from https://localhost:8443: ")
        .doesNotContain("@", "Exception", "Http");
  }
}
