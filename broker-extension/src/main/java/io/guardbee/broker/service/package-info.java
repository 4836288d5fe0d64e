/** The way to the provisioning service: who this node is, and how to keep trying. */
@NullMarked
package io.guardbee.broker.service;

import org.jspecify.annotations.NullMarked;
