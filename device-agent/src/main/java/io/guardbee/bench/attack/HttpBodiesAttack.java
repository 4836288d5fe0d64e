package io.guardbee.bench.attack;

import io.guardbee.bench.attack.AttackBench.Plan;
import io.guardbee.bench.attack.Client.Noticed;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * Requests that announce a body of 2,000 octets and send one: half over plain HTTP to the OCSP
 * responder, half over HTTPS to EST, from four addresses.
 */
record HttpBodiesAttack(Target target, Plan plan) {

  private static final List<String> OCSP =
      List.of("POST /ocsp HTTP/1.1", "Content-Type: application/ocsp-request");
  private static final List<String> EST =
      List.of(
          "POST /.well-known/est/simpleenroll HTTP/1.1",
          "Content-Type: application/pkcs10",
          "Authorization: Basic YTpi");

  List<AttackFigure> run() throws Exception {
    List<Client> clients = List.of(target.operator(), target.keptOperator(), target.device());
    List<AttackFigure> figures = new ArrayList<>();
    together(clients); // compilers are done before anything is measured
    figures.addAll(figures("quiet", clients, together(clients)));
    int half = plan.connections() / 2;
    Flood.Plan plain =
        new Flood.Plan(target.http(), Addresses.OTHERS, socket -> begin(socket, OCSP));
    SSLContext tls = target.anonymous();
    Flood.Plan encrypted =
        new Flood.Plan(
            target.https(),
            Addresses.OTHERS,
            socket -> begin(handshake(tls, socket, target.https()), EST));
    try (Flood first = Flood.start(plain, half);
        Flood second = Flood.start(encrypted, plan.connections() - half)) {
      List<Noticed> noticed = together(clients);
      figures.addAll(first.figures("http", "plain HTTP"));
      figures.addAll(second.figures("https", "HTTPS"));
      figures.addAll(figures("attacked", clients, noticed));
      AttackBench.requireServed("attacked", noticed.subList(0, 1), target);
    }
    return figures;
  }

  private static Socket begin(Socket socket, List<String> request) throws IOException {
    String head = String.join("\r\n", request);
    String text = head + "\r\nHost: localhost\r\nContent-Length: 2000\r\n\r\n0";
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static Socket handshake(SSLContext tls, Socket plain, URI server) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            tls.getSocketFactory().createSocket(plain, server.getHost(), server.getPort(), true);
    socket.startHandshake();
    return socket;
  }

  /** Each client on a thread of its own, at the same time. */
  private List<Noticed> together(List<Client> clients) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(clients.size());
    try {
      List<Future<Noticed>> running = new ArrayList<>();
      for (Client client : clients) {
        running.add(threads.submit(() -> client.run(plan.seconds())));
      }
      List<Noticed> noticed = new ArrayList<>();
      for (Future<Noticed> one : running) {
        noticed.add(one.get());
      }
      return noticed;
    } finally {
      threads.shutdownNow();
    }
  }

  private static List<AttackFigure> figures(
      String when, List<Client> clients, List<Noticed> noticed) {
    List<AttackFigure> figures = new ArrayList<>();
    List<String> names = List.of("operator", "keptOperator", "device");
    for (int i = 0; i < clients.size(); i++) {
      figures.addAll(
          noticed.get(i).figures(when + "." + names.get(i), when + ", " + clients.get(i).name()));
    }
    return figures;
  }
}
