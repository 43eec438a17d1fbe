package stockade.life;

import stockade.prison.Jail;

/** Who wants to know of a jail that is made, before anything runs in it. */
public interface Observer {
    void isUp(Jail jail, Parameters parameters);
}
