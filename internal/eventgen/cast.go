package eventgen

import "maps"

// part is who acts in a step of the story.
type part uint8

const (
	theStranger part = iota // guesses passwords of users there are not
	guessAdmin              // or that there are
	guessOther
	guessVictim
	theVictim // the attacker, signed in
	theKey    // the attacker, with the planted key
	nobody    // reads what was made public
	theAdmin

	// Those of the second script alone.
	theRoot
	theFriend   // a colleague in the browser
	thePipeline // Terraform
	theBackup   // a program whose nightly job fails
	theMonitor  // one that asks too often
	theOutsider // the attacker's own account
	theMachine  // an instance of the company
	theThief    // the attacker, with that instance's credentials
)

// actor is how a part appears in a record.
type actor struct {
	who      *principal
	identity template // if it is no principal
	session  string   // of a role
	key      string
	since    int64 // when a session began; 0 is in the hour of what it does
	address  string
	agent    string
	console  bool
	foreign  bool
}

const (
	attackerBrowser = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
	attackerTool    = "aws-cli/2.15.22 Python/3.11.6 Linux/6.6.9-amd64 source/x86_64.kali.2024 prompt/off"
	officeAddress   = "192.0.2.17"
)

// newCast makes the parts of the story out of the first account's people.
func (g *Generator) newCast() map[part]*actor {
	a := g.lane(globalRegion).account
	guess := func(name string) *actor {
		who := `"accountId":"` + a.id + `","accessKeyId":"","userName":"` + name + `"}`
		if p := a.twin(name, console); p != nil {
			who = `"principalId":"` + p.id + `",` + who
		}
		return &actor{identity: compile(`{"type":"IAMUser",` + who), address: signInAddress, agent: attackerBrowser}
	}
	victim := a.twin(storyVictim, console)
	victim.mfa = "false"
	cast := map[part]*actor{
		theStranger: guess("HIDDEN_DUE_TO_SECURITY_REASONS"),
		guessAdmin:  guess(storyAdmin),
		guessOther:  guess("lars.holm"),
		guessVictim: guess(storyVictim),
		theVictim: {
			who: victim, key: keyID("ASIA", mixText(a.seed, "stolen session"), 20),
			address: signInAddress, agent: attackerBrowser, console: true,
		},
		theKey: {
			who: a.twin(storyRobot, app), key: g.story.AccessKeyID,
			address: keyAddress, agent: attackerTool,
		},
		nobody: {
			identity: compile(`{"type":"AWSAccount","principalId":"","accountId":"ANONYMOUS_PRINCIPAL"}`),
			address:  signInAddress, agent: "curl/8.5.0", foreign: true,
		},
		theAdmin: {
			who: a.twin(storyAdmin, tool), key: a.longKey(storyAdmin),
			address: officeAddress, agent: toolAgents[0],
		},
	}
	maps.Copy(cast, a.moreCast())
	return cast
}

// moreCast are the parts of the second script alone.
func (a *account) moreCast() map[part]*actor {
	return map[part]*actor{
		theRoot: {
			who: a.twin("root", root), key: a.storyKey("root"), address: officeAddress, agent: browsers[0], console: true,
		},
		theFriend: {
			who: a.twin(storyFriend, console), session: storyFriend, key: a.storyKey("friend"),
			address: officeAddress, agent: browsers[1], console: true,
		},
		thePipeline: {
			who: a.twin("terraform-apply", deploy), session: "run-17000000042", key: a.storyKey("pipeline"),
			address: "192.0.2.42", agent: deployAgents[0],
		},
		theBackup: {
			who: a.twin("svc-backup", app), key: a.longKey("svc-backup"), address: "203.0.113.40", agent: sdkAgents[0],
		},
		theMonitor: {
			who: a.twin("svc-monitoring", app), key: a.longKey("svc-monitoring"), address: "203.0.113.41", agent: sdkAgents[0],
		},
		theOutsider: {
			identity: compile(`{"type":"AWSAccount","principalId":"AIDAFJEXAMPLEOUTSIDER","accountId":"` + outsider + `"}`),
			address:  outsiderAddress, agent: attackerTool, foreign: true,
		},
		theMachine: {
			who: a.twin(stolenRole, app), session: stolenMachine, key: a.storyKey("machine"),
			address: "10.20.7.33", agent: sdkAgents[1],
		},
		theThief: {
			who: a.twin(stolenRole, app), session: stolenMachine, key: a.storyKey("machine"),
			address: outsiderAddress, agent: attackerTool,
		},
	}
}

// twin is one of the account's people or programs as the story has it: not
// behind the company's endpoints. Nil if there is none of this name.
func (a *account) twin(name string, c class) *principal {
	for _, p := range a.callers[c.index()] {
		if p.name == name || p.label == name {
			twin := *p
			twin.private = false
			return &twin
		}
	}
	return nil
}

// storyKey is the key of a session in the story.
func (a *account) storyKey(of string) string { return keyID("ASIA", mixText(a.seed, "story "+of), 20) }
