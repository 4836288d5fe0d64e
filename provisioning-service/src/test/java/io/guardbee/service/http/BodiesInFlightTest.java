package io.guardbee.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.http.BodiesInFlight.Body;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BodiesInFlightTest {

  private final BodiesInFlight bodies = new BodiesInFlight(3);
  private final List<RefusedException> first = new ArrayList<>();
  private final List<RefusedException> others = new ArrayList<>();

  private Body begin(List<RefusedException> told) {
    Body body = new Body(told::add);
    bodies.begin(body);
    return body;
  }

  @Test
  void longestArrivingGivesWayAndWholeOnesStay() {
    bodies.whole(begin(others));
    begin(first);
    begin(others);
    begin(others);

    assertThat(first)
        .singleElement()
        .extracting(RefusedException::reason)
        .isEqualTo(Reason.OVERLOADED);
    assertThat(first.get(0).retryAfter()).isPresent();
    assertThat(others).isEmpty();
  }

  @Test
  void newestIsRefusedWhenAllOthersAreWhole() {
    List<Body> whole = List.of(begin(others), begin(others), begin(others));
    whole.forEach(bodies::whole);
    begin(first);
    assertThat(first).hasSize(1);

    bodies.end(whole.get(0));
    begin(others);
    assertThat(others).as("there is a place again").isEmpty();
  }
}
